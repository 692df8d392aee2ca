const _percent = 19;

int withTax(int net) => net + (net * _percent / 100).round();

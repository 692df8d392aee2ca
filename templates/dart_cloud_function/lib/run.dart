/// Runs a function inside its sandbox; only generated entry points need it.
library;

export 'src/runner.dart' show run;

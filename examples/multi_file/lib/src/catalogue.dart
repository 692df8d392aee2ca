/// Net prices in cents.
const catalogue = {'pen': 120, 'paper': 450};

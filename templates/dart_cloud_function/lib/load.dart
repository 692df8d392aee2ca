/// Runs a sandbox that waits for its function; only its entry point needs it.
library;

export 'src/loader.dart' show load;

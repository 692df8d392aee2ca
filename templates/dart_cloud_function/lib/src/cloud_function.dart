/// Marks the one class of an archive that is the function.
class CloudFunction {
  /// Use it as `@CloudFunction()`, or as [cloudFunction].
  const CloudFunction();
}

/// Marks the one class of an archive that is the function.
const cloudFunction = CloudFunction();

/// The program of a sandbox that waits for its function.
library;

import 'src/loader.dart';
import 'src/runner.dart';
import 'src/sample.dart';

/// Waits for a function, or, asked by [adopt], is the function that is loaded
/// for practice.
void main(List<String> arguments, [Object? adopt]) =>
    adopt == null ? load() : run(Sample.new, adopt);

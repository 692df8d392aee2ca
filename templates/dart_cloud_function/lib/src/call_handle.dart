import 'package:dart_cloud_logger/dart_cloud_logger.dart';

import 'cloud_dart_function.dart' as plain;
import 'cloud_dart_function_logged.dart' as logged;
import 'cloud_request.dart';
import 'cloud_response.dart';

/// Calls handle() of [function] in the signature that it has.
Future<CloudResponse> callHandle(
  Object function,
  CloudRequest request,
  Map<String, String> env,
  CloudDartFunctionLogger logger,
) =>
    switch (function) {
      plain.CloudDartFunction() =>
        function.handle(request: request, env: env),
      logged.CloudDartFunction() =>
        function.handle(request: request, logger: logger, env: env),
      _ => throw ArgumentError.value(function, 'function', 'is no function'),
    };

/** Hostile functions against result.json: what lies there, and what it says. */
import { ok } from "node:assert";
import type { HostileCase, Refused } from "./case.ts";

const BAD_RESULT: Refused = { code: "function_failed", reason: "bad_result" };

/** Answers past the runner with these fields, and is refused. */
function raw(
  id: string,
  it: string,
  fields: string,
  answer: Refused = BAD_RESULT,
): HostileCase {
  return {
    id,
    it,
    wall: "the schema of result.json",
    dart: `    return answerFields(request, ${fields});`,
    answer,
    isReplaced: true,
  };
}

/** Has something else take the place of result.json, and answers. */
function replaced(id: string, it: string, act: string): HostileCase {
  return {
    id,
    it,
    wall: "the directory is not the function's: it can make and remove nothing",
    dart: `
    return CloudResponse.json({
      'delete': attempt(() => File('result.json').deleteSync()),
      'make': attempt(() {
        ${act}
      }),
      'is': FileSystemEntity.typeSync('result.json', followLinks: false).toString(),
    });`,
    answer: {
      statusCode: 200,
      body: { delete: "refused 13", make: "refused 13", is: "file" },
    },
    isReplaced: false,
  };
}

/** Called over `/fn/…`: what its headers may not do to the answer's own. */
export const HEADERS = {
  id: "headers",
  dart: `
    return CloudResponse(body: 'all of it', headers: {
      'set-cookie': ['a=1', 'b=2; Path=/'],
      'content-length': '3',
      'transfer-encoding': 'chunked',
      'connection': 'upgrade',
      'upgrade': 'h2c',
      'oche-invocation-id': 'FORGED',
      'oche-version': 'FORGED',
      'Oche-Start': 'FORGED',
      'x-own': 'kept',
    });`,
};

export const RESULT_FILE: HostileCase[] = [
  replaced(
    "link-to-shadow",
    "makes result.json a link to /etc/shadow",
    "Link('x').createSync('/etc/shadow'); Link('x').renameSync('result.json');",
  ),
  replaced(
    "link-to-another",
    "makes result.json a link into another function's directory",
    "Link('x').createSync('../../../00000000-0000-4000-8000-000000000000/v1/x/request.json');",
  ),
  replaced(
    "directory",
    "makes result.json a directory",
    "Directory('result.json.d').createSync();",
  ),
  replaced(
    "renamed",
    "moves another file over result.json",
    "File('request.json').renameSync('result.json');",
  ),
  replaced(
    "fifo",
    "makes a FIFO in its directory",
    `final mkfifo = libc.lookupFunction<Int Function(Pointer<Uint8>, Int),
            int Function(Pointer<Uint8>, int)>('mkfifo');
        if (mkfifo(cText('fifo'), 438) != 0) {
          throw const FileSystemException('', '', OSError('', 13));
        }`,
  ),
  {
    id: "sparse",
    it: "makes result.json as large as it can be, of holes",
    wall: "the limit of a file's size, and that of an answer",
    dart: `
    final file = File('result.json').openSync(mode: FileMode.writeOnlyAppend);
    final size = int.parse(request.query['size']!);
    file.truncateSync(size);
    say(utf8.encode(doneFrame(request.invocationId)));
    return Completer<CloudResponse>().future;`,
    answer: { code: "too_large", detail: /result\.json has 16777216 bytes/ },
    isReplaced: true,
  },
  {
    id: "gigabyte",
    it: "makes result.json a gigabyte of holes",
    wall: "the limit of a file's size (RLIMIT_FSIZE)",
    dart: `
    final file = File('result.json').openSync(mode: FileMode.writeOnlyAppend);
    return CloudResponse.json(attempt(() => file.truncateSync(1 << 30)));`,
    answer: { statusCode: 200, body: "refused 27" },
    isReplaced: false,
  },
  {
    id: "half",
    it: "answers half a JSON",
    wall: "the parser of result.json",
    dart: `    return answerRaw(request, utf8.encode('{"statusCode":200,'));`,
    answer: { ...BAD_RESULT, detail: /not JSON/ },
    isReplaced: true,
  },
  {
    id: "not-utf8",
    it: "answers what is not UTF-8",
    wall: "the decoder of result.json",
    dart: `    return answerRaw(request, [0x22, 0xff, 0xfe, 0x22]);`,
    answer: { ...BAD_RESULT, detail: /not UTF-8/ },
    isReplaced: true,
  },
  {
    id: "empty",
    it: "says that it has answered and has not",
    wall: "the reader of result.json",
    dart: `    return answerRaw(request, []);`,
    answer: { code: "function_failed", reason: "no_result" },
    isReplaced: true,
  },
  {
    id: "no-id",
    it: "answers without saying what",
    wall: "an answer names its invocation",
    dart:
      `    return answerRaw(request, utf8.encode('{"statusCode":200,"body":"FORGED"}'));`,
    answer: { ...BAD_RESULT, detail: /invocation/ },
    isReplaced: true,
  },
  raw(
    "string-status",
    "answers with a status that is text",
    `'"statusCode":"200"'`,
  ),
  raw("no-status", "answers without a status", `'"body":"x"'`),
  raw("nan", "answers NaN past the encoder", `'"statusCode":NaN'`),
  raw("status-99", "answers with status 99", `'"statusCode":99'`),
  raw("status-1000", "answers with status 1000", `'"statusCode":1000'`),
  raw("half-status", "answers with status 200.5", `'"statusCode":200.5'`),
  raw(
    "list-headers",
    "answers with headers that are a list",
    `'"statusCode":200,"headers":["a"]'`,
  ),
  raw(
    "header-name",
    "answers with a header whose name holds a line",
    `'"statusCode":200,"headers":{"a: b\\\\r\\\\nset-cookie":"c"}'`,
  ),
  raw(
    "not-base64",
    "calls base64 what is none",
    `'"statusCode":200,"body":"%%%","isBase64Encoded":true'`,
  ),
  raw(
    "deep",
    "answers a million lists, one in the other",
    `'"statusCode":200,"body":' + '[' * 1000000 + ']' * 1000000`,
  ),
  {
    id: "crlf",
    it: "answers with a header that holds another, by the API",
    wall: "the schema of result.json",
    dart: `
    return CloudResponse(headers: {'a': 'b\\r\\nset-cookie: admin=1'});`,
    answer: { ...BAD_RESULT, detail: /line break/ },
    isReplaced: true,
  },
  {
    id: "nan-body",
    it: "answers NaN by the API",
    wall: "the function side's encoder",
    dart: `    return CloudResponse.json({'a': double.nan});`,
    answer: {
      statusCode: 500,
      body: {
        error:
          "Function execution failed: Converting object to an encodable object failed: NaN",
      },
    },
    isReplaced: false,
  },
  {
    id: "proto",
    it: "answers with keys that mean something to JavaScript",
    wall: "nothing merges an answer into an object",
    dart: `
    return CloudResponse.json({
      '__proto__': {'isAdmin': true},
      'constructor': {'prototype': {'isAdmin': true}},
    });`,
    answer: { statusCode: 200 },
    isReplaced: false,
    check: ({ body }) => {
      ok(JSON.stringify(body).includes("__proto__"));
      ok(!("isAdmin" in Object.prototype));
    },
  },
];

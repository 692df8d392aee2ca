/** The archive in a request: the raw body, or the field `archive` of a form. */
import { AppError } from "../src/contracts/error.ts";
import { mediaType } from "../src/contracts/body.ts";
import { readBytes } from "./body.ts";

/** What a form adds around its one file, in bytes. */
const FORM_OVERHEAD = 64 * 1024;

/** @throws {AppError} `too_large`, `invalid` */
export async function readArchive(
  request: Request,
  maxBytes: number,
): Promise<Uint8Array> {
  const type = request.headers.get("content-type") ?? "";
  const bytes = mediaType(type) === "multipart/form-data"
    ? await fromForm(request, type, maxBytes)
    : await readBytes(request, maxBytes, "the archive");
  if (bytes.length === 0) {
    throw new AppError("invalid", "Cannot deploy: the archive is empty", {
      hint: "Send a tar.gz or zip as the body, or as the form field archive",
    });
  }
  return bytes;
}

async function fromForm(
  request: Request,
  type: string,
  maxBytes: number,
): Promise<Uint8Array> {
  const raw = await readBytes(request, maxBytes + FORM_OVERHEAD, "the archive");
  const field = await formField(raw, type);
  if (!(field instanceof File)) {
    throw new AppError("invalid", "Cannot find the form field archive", {
      hint: "Send the file as the form field archive",
    });
  }
  if (field.size > maxBytes) {
    throw new AppError(
      "too_large",
      `Cannot take the archive: it has ${field.size} bytes`,
      { hint: `At most ${maxBytes} bytes are allowed` },
    );
  }
  return await field.bytes();
}

async function formField(
  raw: Uint8Array<ArrayBuffer>,
  type: string,
): Promise<FormDataEntryValue | null> {
  try {
    const form = await new Response(raw, { headers: { "content-type": type } })
      .formData();
    return form.get("archive");
  } catch (cause) {
    throw new AppError("invalid", "Cannot read the form", {
      hint: "Send multipart/form-data with the field archive",
      cause,
    });
  }
}

/** What an installation keeps for itself: its id, and the keys to its doors. */
import { createHmac, randomBytes } from "node:crypto";
import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "../contracts/error.ts";
import type { NatsRole } from "../contracts/nats_user.ts";
import { parseJson } from "../contracts/parse.ts";
import { withLock } from "./lock.ts";
import { isAbsent, writePrivate } from "./private_file.ts";
import { readSealKeys } from "./seal_keys.ts";

export interface Installation {
  home: string;
  /** Eight hexadecimal characters that tell this stack's things from others'. */
  id: string;
  natsUser: string;
  natsPassword: string;
  /** Of the users with fewer rights, made of the operator's. */
  natsPasswords: Record<NatsRole, string>;
  adminKey: string;
  adminKeyFile: string;
  /** What is stored is sealed by these, newest first; never inside NATS. */
  sealKeys: string[];
  /** Outcomes that are told to others are signed with it (Standard Webhooks). */
  callbackSecret: string;
}

const Secrets = z.object({
  id: z.string().regex(/^[0-9a-f]{8}$/),
  natsPassword: z.string().min(1),
});

const NATS_USER = "oche";
const GROUP_OR_OTHERS_WRITE = 0o022;

/**
 * Reads the installation, made at the first call.
 *
 * @throws {AppError} `forbidden` when others can write to the folder,
 * `unavailable` when we cannot, `invalid` when its file is not ours
 */
export async function openInstallation(home: string): Promise<Installation> {
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    if ((await stat(home)).mode & GROUP_OR_OTHERS_WRITE) {
      throw new AppError(
        "forbidden",
        `Cannot keep keys in "${home}": others can write to that folder`,
        { hint: `Run chmod 700 "${home}", or name another with OCHE_HOME` },
      );
    }
    return await withLock(join(home, "lock"), () => readOrMake(home));
  } catch (error) {
    if (error instanceof AppError) throw error;
    const state = error instanceof Error ? error.message : String(error);
    throw new AppError("unavailable", `Cannot use "${home}": ${state}`, {
      hint: "Name a folder that you can write to with OCHE_HOME",
      cause: error,
    });
  }
}

async function readOrMake(home: string): Promise<Installation> {
  const file = join(home, "installation.json");
  const adminKeyFile = join(home, "admin.key");
  const secrets = parseJson(
    Secrets,
    await readOr(file, () =>
      JSON.stringify({
        id: randomBytes(4).toString("hex"),
        natsPassword: randomBytes(24).toString("base64url"),
      })),
    file,
  );
  const adminKey = await readOr(
    adminKeyFile,
    () => `oche_${randomBytes(32).toString("base64url")}`,
  );
  const sealKeys = await readSealKeys(home);
  const callbackSecret = await readOr(
    join(home, "callback.secret"),
    () => `whsec_${randomBytes(32).toString("base64")}`,
  );
  return {
    home,
    ...secrets,
    natsUser: NATS_USER,
    natsPasswords: {
      gateway: derive(secrets.natsPassword, "gateway"),
      runtime: derive(secrets.natsPassword, "runtime"),
      service: derive(secrets.natsPassword, "service"),
    },
    adminKey,
    adminKeyFile,
    sealKeys,
    callbackSecret,
  };
}

/** Who has the operator's password has these; not the other way round. */
function derive(password: string, role: NatsRole): string {
  return createHmac("sha256", password).update(`oche nats user ${role}`)
    .digest("base64url");
}

/** The trimmed text of a private file, written at the first call. */
async function readOr(path: string, make: () => string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
  const text = make();
  await writePrivate(path, `${text}\n`);
  return text;
}

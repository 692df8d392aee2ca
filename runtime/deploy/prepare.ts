/** From archive to build input: the part of a deploy that needs no engine. */
import type { Analysis } from "../../src/contracts/deploy.ts";
import { extract } from "../archive/extract.ts";
import type { ArchiveLimits } from "../archive/limits.ts";
import { analyze } from "../dart/analyze.ts";
import { entryUri } from "../dart/entry_uri.ts";
import { renderMain } from "../dart/inject.ts";
import { renderPackageConfig } from "../dart/package_config.ts";
import { readProject } from "../dart/pubspec.ts";
import type { BuildInput } from "../toolchain/toolchain.ts";

export interface Prepared {
  analysis: Analysis;
  input: BuildInput;
}

/**
 * @throws {AppError} what the archive or the code is refused for:
 * `unsupported`, `too_large`, `invalid`, `injection_failed`
 */
export async function prepare(
  archive: Uint8Array,
  limits: Partial<ArchiveLimits> = {},
): Promise<Prepared> {
  const source = await extract(archive, limits);
  const analysis = await analyze(source);
  const project = readProject(source, analysis.file);
  return {
    analysis: {
      class: analysis.className,
      file: analysis.declaredIn,
      line: analysis.line,
      logger: analysis.hasLogger,
      files: source.size,
    },
    input: {
      source,
      mainDart: renderMain(
        analysis,
        entryUri(source, analysis.file, project),
      ),
      packageConfig: renderPackageConfig(project),
      hasLogger: analysis.hasLogger,
      packageName: project.packageName,
      root: project.root,
      dependencies: project.dependencies,
    },
  };
}

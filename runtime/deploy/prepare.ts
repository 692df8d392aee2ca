/** From archive to build input: the part of a deploy that needs no engine. */
import type { Analysis } from "../../src/contracts/deploy.ts";
import { extract } from "../archive/extract.ts";
import type { ArchiveLimits } from "../archive/limits.ts";
import { type AnalysisLimits, analyze } from "../dart/analyze.ts";
import { entryUri } from "../dart/entry_uri.ts";
import { renderMain } from "../dart/inject.ts";
import { renderPackageConfig } from "../dart/package_config.ts";
import { readProject } from "../dart/pubspec.ts";
import type { RuntimeSettings } from "../settings.ts";
import type { BuildInput } from "../toolchain/toolchain.ts";

export interface Prepared {
  analysis: Analysis;
  input: BuildInput;
}

export type PrepareLimits = Partial<ArchiveLimits & AnalysisLimits>;

export function prepareLimits(settings: RuntimeSettings): PrepareLimits {
  return {
    archiveBytes: settings.maxArchiveBytes,
    unpackedBytes: settings.maxUnpackedBytes,
    sourceBytes: settings.maxSourceBytes,
    analysisMs: settings.analysisMs,
  };
}

/**
 * @throws {AppError} what the archive or the code is refused for:
 * `unsupported`, `too_large`, `invalid`, `injection_failed`
 */
export async function prepare(
  archive: Uint8Array,
  limits: PrepareLimits = {},
): Promise<Prepared> {
  const source = await extract(archive, limits);
  const analysis = await analyze(source, limits);
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

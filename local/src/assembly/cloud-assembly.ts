import { readFileSync } from 'node:fs';
import { join, resolve as resolvePath } from 'node:path';

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
}

interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Parameters?: Readonly<Record<string, { Default?: unknown }>>;
  readonly Outputs?: Readonly<Record<string, { Value: unknown; Condition?: string }>>;
}

interface Manifest {
  readonly artifacts: Readonly<
    Record<
      string,
      { type: string; properties?: { templateFile?: string; stackName?: string; file?: string } }
    >
  >;
}

interface AssetManifest {
  readonly files: Readonly<
    Record<string, { source: { path: string }; destinations: Record<string, { objectKey: string }> }>
  >;
}

/** CDK's output: the template of the one stack, and the folder of each asset. */
export interface CloudAssembly {
  readonly stackName: string;
  readonly template: Template;
  /** Folder of an asset by the S3 key under which it would be uploaded. */
  assetFolder(s3Key: string): string | undefined;
}

export function readCloudAssembly(dir: string): CloudAssembly {
  const manifest = readJson<Manifest>(join(dir, 'manifest.json'));
  const artifacts = Object.entries(manifest.artifacts);
  const stacks = artifacts.filter(([, artifact]) => artifact.type === 'aws:cloudformation:stack');
  const [stack] = stacks;
  if (!stack || stacks.length > 1)
    throw new Error(`${dir} holds ${stacks.length} stacks; the local cloud hosts exactly one`);

  const [artifactId, { properties }] = stack;
  const folders = new Map<string, string>();
  for (const [, artifact] of artifacts) {
    if (artifact.type !== 'cdk:asset-manifest' || !artifact.properties?.file) continue;
    for (const { source, destinations } of Object.values(
      readJson<AssetManifest>(join(dir, artifact.properties.file)).files,
    ))
      for (const { objectKey } of Object.values(destinations))
        folders.set(objectKey, resolvePath(dir, source.path));
  }
  return {
    stackName: properties?.stackName ?? artifactId,
    template: readJson<Template>(join(dir, properties?.templateFile ?? `${artifactId}.template.json`)),
    assetFolder: (s3Key) => folders.get(s3Key),
  };
}

function readJson<T>(path: string): T {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (cause) {
    throw new Error(`Cannot read ${path}: is this a folder that cdk synth wrote?`, { cause });
  }
}

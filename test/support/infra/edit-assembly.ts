import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
}
interface Template {
  Resources: Record<string, Resource>;
}
interface Statement {
  Action: string | string[];
}

/** Changes the template of a synthesised assembly in place. */
function editTemplate(assemblyDir: string, change: (template: Template) => void): void {
  const file = readdirSync(assemblyDir).find((name) => name.endsWith('.template.json'));
  if (file === undefined) throw new Error(`No template in ${assemblyDir}`);
  const template = JSON.parse(readFileSync(join(assemblyDir, file), 'utf8')) as Template;
  change(template);
  writeFileSync(join(assemblyDir, file), JSON.stringify(template));
}

/** Removes every policy statement that grants `action`, of one function or of all. */
export function dropStatement(assemblyDir: string, action: string, functionName = ''): void {
  const keeps = (statement: Statement) => ![statement.Action].flat().includes(action);
  editTemplate(assemblyDir, (template) => {
    for (const document of policyDocuments(template, functionName))
      document.Statement = document.Statement.filter(keeps);
  });
}

function* policyDocuments(template: Template, functionName: string): Generator<{ Statement: Statement[] }> {
  for (const { Type, Properties } of Object.values(template.Resources)) {
    if (Type !== 'AWS::IAM::Role') continue;
    if (functionName !== '' && Properties.Description !== `What ${functionName} may do`) continue;
    for (const policy of (Properties.Policies as { PolicyDocument: { Statement: Statement[] } }[]) ?? [])
      yield policy.PolicyDocument;
  }
}

/** Removes resources by type, or by `type:text` those that also mention the text. */
export const dropResources =
  (...wanted: readonly string[]) =>
  (assemblyDir: string): void =>
    editTemplate(assemblyDir, (template) => {
      for (const [logicalId, resource] of Object.entries(template.Resources)) {
        if (wanted.some((want) => isWanted(resource, want))) delete template.Resources[logicalId];
      }
    });

function isWanted(resource: Resource, want: string): boolean {
  const [service, kind, name, text] = want.split(/::|:(?!:)/);
  return (
    resource.Type === `${service}::${kind}::${name}` &&
    (text === undefined || JSON.stringify(resource.Properties).includes(text))
  );
}

export const addResource =
  (logicalId: string, resource: Resource) =>
  (assemblyDir: string): void =>
    editTemplate(assemblyDir, (template) => {
      template.Resources[logicalId] = resource;
    });

/** Replaces the bundled code of one function, found by its `POSTLANE_FUNCTION`. */
export function replaceFunctionCode(assemblyDir: string, functionName: string, code: string): void {
  editTemplate(assemblyDir, (template) => {
    const resource = Object.values(template.Resources).find((candidate) =>
      JSON.stringify(candidate.Properties?.Environment ?? '').includes(
        `"POSTLANE_FUNCTION":"${functionName}"`,
      ),
    );
    if (resource === undefined) throw new Error(`No function ${functionName} in the template`);
    const { S3Key: key } = resource.Properties.Code as { S3Key: string };
    writeFileSync(join(assemblyDir, `asset.${key.replace(/\.zip$/, '')}`, 'index.js'), code);
  });
}

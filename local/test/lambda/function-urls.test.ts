import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import {
  Code,
  FunctionUrlAuthType,
  InvokeMode,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { loadAssembly } from '../../src/assembly/load-assembly.ts';
import { readFunctionUrls } from '../../src/lambda/function-urls.ts';
import { mayInvokeByUrl } from '../../src/lambda/invoke-permission.ts';

function synthesise(outdir: string): void {
  const stack = new Stack(new App({ outdir }), 'Tail');
  const lambda = new LambdaFunction(stack, 'Function', {
    ...{ runtime: Runtime.NODEJS_24_X, handler: 'index.handler' },
    code: Code.fromInline('exports.handler = async () => {}'),
  });
  const url = lambda.addFunctionUrl({
    authType: FunctionUrlAuthType.NONE,
    invokeMode: InvokeMode.RESPONSE_STREAM,
  });
  new CfnOutput(stack, 'Url', { value: url.url }).overrideLogicalId('Url');
  (stack.node.root as App).synth();
}

describe('what CDK makes of addFunctionUrl', () => {
  test('addFunctionUrl makes a streaming URL that every caller may invoke, at a known address', (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'postlane-url-'));
    t.after(() => rmSync(dir, { recursive: true, force: true }));
    synthesise(dir);
    const assembly = loadAssembly(dir, { queueUrlBase: '', publicUrl: 'http://127.0.0.1:3000' });

    const [url, ...others] = readFunctionUrls(assembly);
    assert.ok(url);
    assert.deepEqual(others, []);
    assert.equal(url.target.type, 'AWS::Lambda::Function');
    assert.equal(url.isStreaming, true);
    assert.equal(mayInvokeByUrl(assembly, url.target), true);
    assert.equal(assembly.outputs.Url, 'http://127.0.0.1:3000/');
  });
});

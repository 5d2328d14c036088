import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import config from '../postlane.config.ts';
import { PipelineStack } from './pipeline-stack.ts';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
// No account and no region: nothing is looked up, and the same template comes out wherever it is synthesised.
new PipelineStack(app, 'Postlane', {
  config,
  distDir: process.env.POSTLANE_DIST_DIR ?? join(import.meta.dirname, '../dist/functions'),
  description: 'Postlane: an email pipeline that speaks the Resend contract',
  // CloudFormation puts a stack's tags on every resource: the bill can be grouped by it.
  tags: { application: 'postlane' },
});
app.synth();

/** The linter for the editor: findings of what is deployed, and of what is on the canvas. */
import express, { Router } from 'express';
import Type from 'typebox';
import { readFiles } from '../flow-file/disk.ts';
import type { FlowFiles, FlowNode, OutputsOf } from '../flow-file/format.ts';
import { writeFlows } from '../flow-file/write.ts';
import type { Log } from '../log/log.ts';
import type { Finding } from '../lint/rule.ts';
import { answering, onlyJson, permitted, reader, uncached } from './routes.ts';

export interface LintRoutesOptions {
  flowsDir: () => string;
  outputsOf: OutputsOf;
  findings(files: FlowFiles): Finding[];
  log: Log;
}

const readCanvas = reader(
  Type.Object({
    flows: Type.Array(
      Type.Object({ id: Type.String(), type: Type.String() }, { additionalProperties: true }),
    ),
  }),
);

/** Below `/crossdock/lint`. */
export function lintRoutes({ flowsDir, outputsOf, findings, log }: LintRoutesOptions): Router {
  const router = Router();
  router.use(uncached);
  router.get(
    '/',
    permitted('crossdock.read'),
    answering(log, async () => findings(await readFiles(flowsDir()))),
  );
  router.post(
    '/',
    permitted('crossdock.read'),
    onlyJson,
    express.json({ limit: '5mb' }),
    answering(log, async ({ body }) => {
      const { flows } = readCanvas(body);
      return findings(writeFlows(flows as FlowNode[], await readFiles(flowsDir()), outputsOf));
    }),
  );
  return router;
}

/** What a run of flow tests or of one message tells: results, and the way that messages took. */
import type { DataChange } from '../diff/data.ts';
import type { Outcome } from './expect.ts';
import type { Given } from './spec.ts';

export interface Trail {
  /** Ids. */
  nodes: string[];
  /** `from output to`: `1a2b 0 3c4d`. */
  wires: string[];
}

export interface TestResult {
  flow: string;
  /** With the variant: `… (duplicate)`. */
  test: string;
  passed: boolean;
  differences: string[];
  /** Of each difference, the id of the node at which it shows; empty where none does. */
  places: string[];
  trail: Trail;
}

/** Which nodes and outputs of a flow messages have come through. */
export interface Coverage {
  flow: string;
  nodes: number;
  taken: number;
  /** Outputs with wires. */
  branches: number;
  takenBranches: number;
  /** `sale order`, `signature (output 2)`. */
  missing: string[];
}

export interface TestReport {
  passed: number;
  failed: number;
  results: TestResult[];
  coverage: Coverage[];
  trail: Trail;
}

/** What one node got, and what it gave; the first `changes` between both. */
export interface Step {
  node: string;
  name: string;
  type: string;
  flow: string;
  /** Since the first step. */
  atMs: number;
  got: unknown;
  gave: { output: number; message: unknown; changes: DataChange[] }[];
}

export interface DryRun {
  flow: string;
  /** Why it did not come to its end, and calls that were refused. */
  problems: string[];
  got: Outcome;
  steps: Step[];
}

/** Runs in processes of their own: the hub that serves the pages is not touched. */
export interface Trial {
  test(flow?: string): Promise<TestReport>;
  dryRun(flow: string, given: Given): Promise<DryRun>;
}

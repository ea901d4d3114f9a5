/** Comments of a flow file: none is lost when its text is written anew. */
import {
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';

export function keyText({ key }: Pair): string {
  return String(isScalar(key) ? key.value : key);
}

/** Comments of `old` go to what stands in the same place of `fresh`; where nothing does, to what follows. */
export function carryComments(old: Document, fresh: Document): void {
  fresh.commentBefore = old.commentBefore;
  fresh.comment = old.comment;
  if (isNode(old.contents) && isNode(fresh.contents)) carry(old.contents, fresh.contents);
}

/** A comment at a header line that goes away moves to the line that follows. */
export function keepHeaderComments(header: YAMLMap, next: ReadonlyMap<unknown, unknown>): void {
  const waiting: string[] = [];
  for (const pair of header.items) {
    if (!next.has(keyText(pair))) waiting.push(...commentsIn(pair));
    else if (isNode(pair.key)) above(pair.key, waiting.splice(0));
  }
  if (waiting.length > 0) header.comment = joined([header.comment, ...waiting]);
}

function carry(old: Node, fresh: Node): void {
  if (old.spaceBefore) fresh.spaceBefore = true;
  if (isMap(old) && isMap(fresh)) return carryMap(old, fresh);
  fresh.commentBefore = old.commentBefore;
  fresh.comment = old.comment;
  if (!isCollection(old)) return;
  const rest = [...(old.items as unknown[])];
  if (isSeq(old) && isSeq(fresh))
    for (const item of fresh.items) {
      const from = rest.shift();
      if (isNode(from) && isNode(item)) carry(from, item);
    }
  above(fresh, rest.flatMap(commentsIn));
}

function carryMap(old: YAMLMap, fresh: YAMLMap): void {
  const byKey = new Map(fresh.items.map((pair) => [keyText(pair), pair]));
  const waiting = joinable([old.commentBefore]);
  for (const pair of old.items) {
    const to = byKey.get(keyText(pair));
    if (!to || !isNode(to.key)) {
      waiting.push(...commentsIn(pair));
      continue;
    }
    if (isNode(pair.key)) {
      to.key.commentBefore = pair.key.commentBefore;
      if (pair.key.spaceBefore) to.key.spaceBefore = true;
    }
    above(to.key, waiting.splice(0));
    if (isNode(pair.value) && isNode(to.value)) carry(pair.value, to.value);
  }
  fresh.comment = joined([...waiting, old.comment]);
}

function above(node: Node, comments: readonly string[]): void {
  if (comments.length > 0) node.commentBefore = joined([...comments, node.commentBefore]);
}

/** All comments at a node or pair and below it, in their order. */
function commentsIn(part: unknown): string[] {
  if (isNode(part)) {
    const inside = isCollection(part) ? (part.items as unknown[]).flatMap(commentsIn) : [];
    return [...joinable([part.commentBefore]), ...inside, ...joinable([part.comment])];
  }
  if (typeof part !== 'object' || part === null || !('key' in part)) return [];
  const { key, value } = part as Pair;
  return [...commentsIn(key), ...commentsIn(value)];
}

function joinable(comments: readonly (string | null | undefined)[]): string[] {
  return comments.filter((comment) => typeof comment === 'string');
}

function joined(comments: readonly (string | null | undefined)[]): string | undefined {
  const known = joinable(comments);
  return known.length === 0 ? undefined : known.join('\n');
}

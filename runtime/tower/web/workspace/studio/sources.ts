/** Messages beside the test cases: the samples that are kept, and the last webhooks of this hub without what is about a person. */
import type { SeenRow } from '../../../../node-red/tower/samples.ts';
import type { Sample } from '../../../../flow-test/sample.ts';
import type { Preview, SampleRow } from '../../../../workspace/samples.ts';
import { get, post } from '../../kit/api.ts';
import { dateTime } from '../../kit/format.ts';
import { usePolled } from '../../kit/poll.ts';
import { may } from '../../kit/session.ts';

export interface Source {
  id: string;
  text: string;
  /** JSON, for people. Throws ApiError. */
  load(): Promise<string>;
}

/** Both are empty for who may not see messages. */
export function useSources(): { samples: Source[]; seen: Source[] } {
  const sees = may('crossdock.data');
  const samples = usePolled<{ rows: SampleRow[] }>(sees ? '/samples' : undefined, 60);
  const seen = usePolled<{ rows: SeenRow[] }>(sees ? '/samples/seen' : undefined, 15);
  return {
    samples: (samples.data?.rows ?? []).filter(({ problem }) => problem === undefined).map(ofSample),
    seen: (seen.data?.rows ?? []).map(ofSeen),
  };
}

function ofSample({ name }: SampleRow): Source {
  return {
    id: `sample ${name}`,
    text: name,
    load: async () => written(await get<Sample>(`/samples/one?name=${encodeURIComponent(name)}`)),
  };
}

function ofSeen({ id, at, path, event }: SeenRow): Source {
  return {
    id: `seen ${id}`,
    text: [dateTime(at), path, event].filter(Boolean).join(' · '),
    load: async () => written((await post<Preview>('/samples/preview', { id, keep: [] })).sample),
  };
}

function written({ body }: Sample): string {
  return JSON.stringify(body, null, 2);
}

/** A row of the table of error codes. */
export interface ErrorCode {
  /** HTTP status when it is the answer to a webhook or API call. */
  status: number;
  /** True when the same message can succeed later without anyone changing it. */
  retryable: boolean;
  /** Who acts on it. `sender` is the partner whose message was refused. */
  owner: 'sender' | 'analyst' | 'operations' | 'finance';
  meaning: string;
  action: string;
}

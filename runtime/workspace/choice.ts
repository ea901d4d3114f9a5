/** One thing that a setting can name. */
export interface Choice {
  value: string;
  title: string;
  /** It is named, but has no value in this environment. */
  missing?: boolean;
}

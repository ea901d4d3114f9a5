/** Geheimnisse: woher jedes kommt, und wann es endet. */
import type { en } from '../en.ts';

export const secrets: (typeof en)['secrets'] = {
  nav: 'Geheimnisse',
  link: 'Geheimnisse, und wann sie enden',
  explained:
    'Die Geheimnisse dieses Hubs mit Namen; ihre Werte werden nirgends gezeigt. Eines, das endet, wird an seiner Quelle erneuert, und der Hub nimmt es ohne Neustart.',
  none: 'Dieser Hub hat kein Geheimnis.',
  name: 'Geheimnis',
  owner: 'Team',
  source: 'Quelle',
  since: 'Seit',
  ends: 'Endet',
  unset: 'Nicht gesetzt',
  trouble: 'Seine Quelle gibt nichts: {why}',
  endless: 'Nicht bekannt',
  over: 'Vorbei',
  daysLeft: { one: 'noch {count} Tag', other: 'noch {count} Tage' },
  'by.odoo': 'sagt Odoo',
  'by.date': 'so festgelegt',
  'by.age': 'nach seinem Alter',
  overlapUntil: 'Das alte gilt mit, bis {time} ({left} Std.)',
  'from.hub': 'Dieser Hub',
  'from.environment': 'Umgebung',
  'from.dotenv': '.env',
  'from.file': 'Datei',
  'from.folder': 'Ordner',
  'from.command': 'Programm',
  'from.browser': 'Browser',
};

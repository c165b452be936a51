/**
 * base-passwd's postinst on a new system: /etc/passwd and /etc/group are the master files (root, daemon, www-data,
 * nobody, ...), which is what programs that drop their privileges look up. No password matches any of them.
 */
import { fixupFailed } from '../messages.ts';
import type { Fixup } from './fixup.ts';

export const passwd: Fixup = {
  name: 'passwd',
  doc: 'makes etc/passwd and etc/group from share/base-passwd',
  apply({ tree }) {
    for (const name of ['passwd', 'group']) {
      const master = tree.get(`share/base-passwd/${name}.master`);
      if (master?.kind !== 'file') throw fixupFailed(passwd.name, `there is no share/base-passwd/${name}.master`);
      tree.add(`etc/${name}`, { ...master, from: passwd.name });
    }
  },
};

import type { Static } from 'typebox';
import { type Archive, openArchive } from '../audit/archive/archive.ts';
import type { ArchiveSchema } from '../config/audit-schema.ts';
import type { LoadedConfig } from '../config/load.ts';
import { resolveSecret } from '../config/secret.ts';
import { openFolderStore } from '../storage/object-store/folder.ts';
import type { ObjectStore } from '../storage/object-store/object-store.ts';
import { openS3Store } from '../storage/object-store/s3.ts';
import type { Store } from '../storage/store.ts';

type ArchiveConfig = Static<typeof ArchiveSchema>;

/** The archive of a cell as configured; null when it has none. Nothing is contacted yet. */
export function archiveOf(config: LoadedConfig, archive: ArchiveConfig, store: Store): Archive | null {
  if (archive === 'none') return null;
  return openArchive({ store, objects: objectsOf(config, archive), hotMonths: archive.hotMonths });
}

function objectsOf(config: LoadedConfig, archive: Exclude<ArchiveConfig, 'none'>): ObjectStore {
  if ('folder' in archive) return openFolderStore(config.resolvePath(archive.folder));
  const { bucket, region, prefix, endpoint, pathStyle, accessKeyId, secretAccessKey, lockDays } = archive.s3;
  const secret = (reference: string) => resolveSecret(reference, config.baseFolder);
  return openS3Store({
    bucket,
    region,
    prefix,
    lockDays,
    ...(endpoint !== undefined && { endpoint }),
    ...(pathStyle !== undefined && { pathStyle }),
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && {
        credentials: { accessKeyId: secret(accessKeyId), secretAccessKey: secret(secretAccessKey) },
      }),
  });
}

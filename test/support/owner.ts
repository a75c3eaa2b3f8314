import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { superuser, superuserSecret } from '../../src/storage/cluster.ts';
import { placeDataFolder } from '../../src/storage/data-folder.ts';
import { databaseUrl } from '../../src/storage/embedded.ts';
import { cellDatabase } from '../../src/storage/embedded-stores.ts';
import { readPidFile } from '../../src/storage/postmaster.ts';
import { serverAccount } from '../../src/storage/server-account.ts';

/** A session of the owner in a running gateway's embedded store, with triggers switched off: it can do anything. */
export async function openOwner(dataDir: string, cell: string): Promise<Client> {
  const folder = await placeDataFolder(dataDir, serverAccount());
  const running = readPidFile({ data: join(folder, 'cluster') });
  if (running === null) throw new Error('no database is running there');
  const password = (await readFile(join(folder, superuserSecret), 'utf8')).trim();
  const client = new Client({
    connectionString: databaseUrl({
      user: superuser,
      password,
      port: running.port,
      database: cellDatabase(cell),
    }),
    options: '-c session_replication_role=replica',
  });
  await client.connect();
  return client;
}

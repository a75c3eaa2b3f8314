import { open } from 'node:fs/promises';

/**
 * The name of a new file is durable once its folder is flushed. Windows does that by itself, and lets nobody
 * open a folder.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

import { setTimeout as delay } from 'node:timers/promises';

const timeoutMs = 15_000;
const periodMs = 50;

/** Waits for something that happens by itself; fails when it does not. */
export async function waitUntil(holds: () => Promise<boolean>): Promise<void> {
  const untilMs = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > untilMs) throw new Error('it did not happen in time');
    await delay(periodMs);
  }
}

/** An application that the example type approves by itself. */
export const soundApplication = {
  amount: 4_200,
  termMonths: 24,
  annualIncome: 70_000,
  monthlyDebtPayments: 100,
  employmentMonths: 90,
  creditHistoryMonths: 150,
  utilisationPercent: 8,
  missedPayments24Months: 0,
  enquiries6Months: 0,
} as const;

/** An application for credit: about half of them decided by the model, the rest for people. */
export function application(random: () => number): Record<string, number> {
  const isSound = random() < 0.5;
  return {
    amount: 3_000 + Math.round(random() * 4_000),
    termMonths: 24,
    annualIncome: isSound ? 70_000 : 25_000,
    monthlyDebtPayments: isSound ? 100 : 700,
    employmentMonths: 90,
    creditHistoryMonths: 150,
    utilisationPercent: isSound ? 8 : 70,
    missedPayments24Months: isSound ? 0 : 1,
    enquiries6Months: 0,
  };
}

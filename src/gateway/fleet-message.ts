import type { MetricObjectWithValues, MetricValue } from 'prom-client';

export type MetricsJson = MetricObjectWithValues<MetricValue<string>>[];

/** What the first process tells a member. The addresses hold a password, so they go by message, not by environment. */
export type ToMember =
  | { readonly kind: 'begin'; readonly embedded: readonly (readonly [cell: string, url: string])[] }
  | { readonly kind: 'stop' }
  | { readonly kind: 'own-metrics'; readonly ask: number }
  | { readonly kind: 'all-metrics'; readonly ask: number; readonly text: string };

/** What a member tells the first process. */
export type FromMember =
  /** A message sent before a member has loaded its modules would be lost, so members ask. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'own-metrics'; readonly ask: number; readonly metrics: MetricsJson }
  | { readonly kind: 'all-metrics'; readonly ask: number };

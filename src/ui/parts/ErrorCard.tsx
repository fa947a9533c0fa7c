import type { ReactNode } from 'react';
import type { ErrorInfo } from '../../base/errors';
import { faultReport } from './fault-report';
import { Icon } from './Icon';
import './error-card.css';

interface Props {
  readonly title: string;
  readonly error: ErrorInfo;
  readonly onRetry?: () => void;
  readonly retryLabel?: string;
  readonly onDismiss?: () => void;
  /** Further ways out, before the others. */
  readonly children?: ReactNode;
}

/** A typed error: what is wrong, where, what to do next, and everything found at once. */
export function ErrorCard({ title, error, onRetry, retryLabel = 'Try again', onDismiss, children }: Props) {
  return (
    <section className="error-card" role="alert">
      <Icon name="alert" />
      <div>
        <h3>{title}</h3>
        <p>{error.message}</p>
        {error.where && <p className="where mono">{error.where}</p>}
        {error.details?.length === 1 && <p className="mono">{error.details[0]}</p>}
        {error.details && error.details.length > 1 && (
          <details open={error.details.length <= 6}>
            <summary>{error.details.length} problems in all</summary>
            <ul className="mono">
              {error.details.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </details>
        )}
        {error.hint && <p className="hint">{error.hint}</p>}
        <div className="actions">
          {children}
          {onRetry && (
            <button type="button" className="button small" onClick={onRetry}>
              {retryLabel}
            </button>
          )}
          {error.code === 'internal' && (
            <button
              type="button"
              className="button small"
              onClick={() => void navigator.clipboard.writeText(faultReport(error.message, error.where))}
            >
              Copy a report
            </button>
          )}
          {onDismiss && (
            <button type="button" className="button small" onClick={onDismiss}>
              Dismiss
            </button>
          )}
        </div>
      </div>
    </section>
  );
}

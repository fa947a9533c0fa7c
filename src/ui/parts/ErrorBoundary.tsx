import { Component, type ReactNode } from 'react';
import { Icon } from './Icon';
import { faultReport } from './fault-report';
import './error-card.css';

interface Props {
  /** What is inside, to continue "… could not be shown": "This view". */
  readonly what: string;
  readonly children: ReactNode;
  /** Called before the children are shown once more. */
  readonly onRetry?: () => void;
}

interface State {
  readonly error: Error | null;
  readonly place: string;
}

/** How browsers say that a part of the page could not be fetched. */
const NOT_FETCHED = /dynamically imported module|importing a module script|error loading|failed to fetch|load failed/i;

/** Keeps a fault of what is inside from taking the rest of the page along, and says what can be done. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: null, place: '' };

  static getDerivedStateFromError(thrown: unknown): Partial<State> {
    return { error: thrown instanceof Error ? thrown : new Error(String(thrown)) };
  }

  override componentDidCatch(_error: unknown, info: { componentStack?: string | null }): void {
    this.setState({ place: info.componentStack ?? '' });
  }

  private readonly retry = () => {
    this.props.onRetry?.();
    this.setState({ error: null, place: '' });
  };

  override render(): ReactNode {
    const { error, place } = this.state;
    if (!error) return this.props.children;
    const isMissing = NOT_FETCHED.test(error.message);
    return (
      <section className="error-card" role="alert">
        <Icon name="alert" />
        <div>
          <h3>{isMissing ? `${this.props.what} could not be loaded` : `${this.props.what} could not be shown`}</h3>
          <p>
            {isMissing
              ? 'The connection is gone, or Rangefinder was updated after this page was opened. Everything else goes on working.'
              : 'Something unforeseen happened in it. Everything else goes on working.'}
          </p>
          <p className="hint">
            {isMissing
              ? 'Try again when the connection is back. If that does not help, save what you need and reload the page.'
              : 'Try again; if it happens once more, please report it.'}
          </p>
          <div className="actions">
            <button type="button" className="button small" onClick={this.retry}>
              Try again
            </button>
            <button type="button" className="button small" onClick={() => location.reload()}>
              Reload the page
            </button>
            {!isMissing && (
              <button
                type="button"
                className="button small"
                onClick={() =>
                  void navigator.clipboard.writeText(faultReport(error.message, `${error.stack}\n${place}`))
                }
              >
                Copy a report
              </button>
            )}
          </div>
        </div>
      </section>
    );
  }
}

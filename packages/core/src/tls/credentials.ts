/**
 * The credentials of one transport: what each of its dialers and listeners goes by, and how they are replaced while
 * listeners are bound.
 *
 * The rule it guards: a reload counts for all of them, or, when it throws, for none.
 */
import type { TlsCredentials, TlsSettings } from "./options.js";
import type { SecureOptions } from "./secure-options.js";

/** What one endpoint was given for itself. */
export type TlsOverrides = Partial<TlsSettings> | undefined;

/** What a dialer needs. */
export interface DialCredentials<SecureContext> {
  readonly settings: TlsSettings;
  readonly secureContext: SecureContext;
}

export class TlsCredentialStore<SecureContext> {
  readonly #options: SecureOptions<SecureContext>;
  #settings: TlsSettings;
  /** By overrides: reading the world's authorities takes a while, so it is kept. */
  #dialers = new WeakMap<object, DialCredentials<SecureContext>>();
  readonly #listeners = new Set<TlsListenerCredentials>();

  /** @throws InvalidOperationError, CryptoError, BadTypeError, NotSupportedError */
  constructor(options: SecureOptions<SecureContext>, given: unknown) {
    this.#options = options;
    this.#settings = options.read(given);
  }

  /** What an endpoint was given, checked together with the rest. */
  readOverrides(given: unknown, role: "dial" | "listen"): Partial<TlsSettings> {
    const overrides = this.#options.readOverrides(given);
    this.#options.combine(this.#settings, overrides, role);
    return overrides;
  }

  forDialer(overrides: TlsOverrides): DialCredentials<SecureContext> {
    const key = overrides ?? this.#settings;
    let ready = this.#dialers.get(key);
    if (ready === undefined) {
      const settings = this.#options.combine(this.#settings, overrides, "dial");
      const { runtime } = this.#options;
      ready = {
        settings,
        secureContext: runtime.createSecureContext(this.#options.contextOptions(settings, "dial")),
      };
      this.#dialers.set(key, ready);
    }
    return ready;
  }

  /** For a listener, from the moment on in which it begins to bind. Its `forget` must be called when it is over. */
  forListener(overrides: TlsOverrides): TlsListenerCredentials {
    const settings = this.#options.combine(this.#settings, overrides, "listen");
    const listener = new TlsListenerCredentials(settings, overrides, () => this.#listeners.delete(listener));
    this.#listeners.add(listener);
    return listener;
  }

  /** What is given is new, the rest stays. */
  reload(credentials: TlsCredentials): void {
    const options = this.#options;
    const next = options.combine(this.#settings, options.readCredentials(credentials));
    // All of them are tried before any is changed.
    const changes = [...this.#listeners].map((listener) => {
      const own = options.combine(next, listener.overrides, "listen");
      return () => listener.replace(own);
    });
    this.#settings = next;
    this.#dialers = new WeakMap();
    for (const change of changes) change();
  }
}

/** What one listener goes by now. */
export class TlsListenerCredentials {
  readonly overrides: TlsOverrides;
  /** To be called when the listener is over. */
  readonly forget: () => void;
  #settings: TlsSettings;
  #changed: ((settings: TlsSettings) => void) | undefined;

  constructor(settings: TlsSettings, overrides: TlsOverrides, forget: () => void) {
    this.#settings = settings;
    this.overrides = overrides;
    this.forget = forget;
  }

  get settings(): TlsSettings {
    return this.#settings;
  }

  /** Once it is bound: who must hear of new credentials, at once if they came since `since` was read. */
  bound(since: TlsSettings, changed: (settings: TlsSettings) => void): void {
    this.#changed = changed;
    if (this.#settings !== since) changed(this.#settings);
  }

  replace(settings: TlsSettings): void {
    this.#settings = settings;
    this.#changed?.(settings);
  }
}

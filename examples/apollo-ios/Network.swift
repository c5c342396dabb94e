// Apollo iOS 2. Subscriptions use multipart HTTP with the same transport. The client sends the app's name and version
// automatically. Trusted documents need `operationManifest`, as in apollo-codegen-config.json.
import Apollo
import ApolloAPI
import Foundation

/// The tokens of this device. A refresh token is good once, so an actor exchanges it, for all who wait.
protocol Session: Actor {
  var accessToken: String? { get }
  /// Returns whether there are new tokens. Only SessionExpiredProblem ends the session: then delete the tokens and let
  /// the person sign in again. After RateLimitedProblem, UNAVAILABLE or without an answer, keep them and return false.
  func refresh() async -> Bool
}

/// Asks once more, with a new token, when the old one has ended.
struct SessionInterceptor: GraphQLInterceptor {
  let session: any Session

  func intercept<Request: GraphQLRequest>(
    request: Request,
    next: NextInterceptorFunction<Request>
  ) async throws -> InterceptorResultStream<Request> {
    var signed = request
    if let token = await session.accessToken {
      signed.addHeader(name: "Authorization", value: "Bearer \(token)")
    }
    return await next(signed).map { response in
      let codes = (response.result.errors ?? []).compactMap { $0.extensions?["code"] as? String }
      guard codes.contains("UNAUTHENTICATED"), await session.refresh() else { return response }
      throw RequestChain.Retry(request: request)
    }
  }
}

/// Sends a request again that the server has rejected with 429 or 503, after the seconds of Retry-After: nothing was
/// executed. MaxRetryInterceptor limits the attempts. `onUpgrade` gets the oldest version that the server still serves.
struct LimitsInterceptor: GraphQLInterceptor {
  let onUpgrade: @Sendable (_ minimumVersion: String, _ storeURL: String?) -> Void

  func intercept<Request: GraphQLRequest>(
    request: Request,
    next: NextInterceptorFunction<Request>
  ) async throws -> InterceptorResultStream<Request> {
    await next(request).map { [onUpgrade] response in
      let rejection = response.result.errors?.first?.extensions
      if rejection?["code"] as? String == "APP_UPGRADE_REQUIRED", let version = rejection?["minimumVersion"] as? String {
        onUpgrade(version, rejection?["storeUrl"] as? String)
      }
      return response
    }.mapErrors { error in
      let rejection = error as? ResponseCodeInterceptor.ResponseCodeError
      let pause = rejection?.response.value(forHTTPHeaderField: "Retry-After").flatMap(Double.init)
      guard let pause, pause <= 30 else { throw error }
      try await Task.sleep(nanoseconds: UInt64(pause * 1_000_000_000))
      throw RequestChain.Retry(request: request)
    }
  }
}

struct AppInterceptors: InterceptorProvider {
  let session: any Session
  let onUpgrade: @Sendable (String, String?) -> Void

  func graphQLInterceptors<Operation: GraphQLOperation>(for operation: Operation) -> [any GraphQLInterceptor] {
    [
      MaxRetryInterceptor(),
      LimitsInterceptor(onUpgrade: onUpgrade),
      SessionInterceptor(session: session),
      AutomaticPersistedQueryInterceptor(),
    ]
  }
}

func makeClient(
  server: URL,
  session: any Session,
  onUpgrade: @escaping @Sendable (_ minimumVersion: String, _ storeURL: String?) -> Void
) -> ApolloClient {
  let store = ApolloStore()
  let transport = RequestChainNetworkTransport(
    urlSession: URLSession.shared,
    interceptorProvider: AppInterceptors(session: session, onUpgrade: onUpgrade),
    store: store,
    endpointURL: server.appendingPathComponent("/graphql"),
    // The server rejects a form with files without this header, because a page of another site could send a form.
    additionalHeaders: ["Apollo-Require-Preflight": "true"],
    apqConfig: AutoPersistedQueryConfiguration(autoPersistQueries: true)
  )
  return ApolloClient(networkTransport: transport, store: store)
}

/// Follows live updates, and subscribes again after the last cursor whenever a stream of the client ends. `subscription`
/// makes the operation for a cursor, for example `{ ViewerEventsSubscription(after: .some($0)) }`, and `cursor` reads the
/// cursor of its payload. Ends with an error that is not retryable, such as NOT_FOUND.
func follow<Subscription: GraphQLSubscription>(
  client: ApolloClient,
  after: String,
  subscription: @escaping @Sendable (String) -> Subscription,
  cursor: @escaping @Sendable (Subscription.Data) -> String
) -> AsyncThrowingStream<Subscription.Data, any Error> {
  AsyncThrowingStream { continuation in
    let task = Task {
      var last = after
      var longestPause = 0.5
      while !Task.isCancelled {
        do {
          for try await response in try await client.subscribe(subscription: subscription(last)) {
            guard let data = response.data else {
              let isRetryable = (response.errors ?? []).contains { $0.extensions?["retryable"] as? Bool == true }
              if isRetryable { break }
              return continuation.finish(throwing: response.errors?.first)
            }
            last = cursor(data)
            longestPause = 0.5
            continuation.yield(data)
          }
        } catch {
          // The connection was lost, the server stops, or the token has ended.
        }
        try? await Task.sleep(nanoseconds: UInt64(Double.random(in: 0...longestPause) * 1_000_000_000))
        longestPause = min(30, 2 * longestPause)
      }
      continuation.finish()
    }
    continuation.onTermination = { _ in task.cancel() }
  }
}

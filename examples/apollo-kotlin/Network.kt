// Apollo Kotlin, from version 4 on. Trusted documents need `operationManifestFormat.set("persistedQueryManifest")` in build.gradle.kts.
import com.apollographql.apollo.ApolloClient
import com.apollographql.apollo.api.ApolloRequest
import com.apollographql.apollo.api.ApolloResponse
import com.apollographql.apollo.api.Operation
import com.apollographql.apollo.api.Subscription
import com.apollographql.apollo.api.http.HttpMethod
import com.apollographql.apollo.interceptor.ApolloInterceptor
import com.apollographql.apollo.interceptor.ApolloInterceptorChain
import com.apollographql.apollo.network.http.ApolloClientAwarenessInterceptor
import com.apollographql.apollo.network.http.HttpNetworkTransport
import kotlin.random.Random
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.emitAll
import kotlinx.coroutines.flow.flow

/** The tokens of this device. A refresh token is valid once, so one exchange runs at a time, for all waiting requests. */
interface Session {
  suspend fun accessToken(): String?
  /**
   * Returns whether there are new tokens. Only SessionExpiredProblem ends the session: then delete the tokens and let the
   * user sign in again. After RateLimitedProblem, UNAVAILABLE or no response, keep them and return false.
   */
  suspend fun refresh(): Boolean
}

/** Repeats the request once with a new token when the old one has ended. */
class SessionInterceptor(private val session: Session) : ApolloInterceptor {
  override fun <D : Operation.Data> intercept(
      request: ApolloRequest<D>,
      chain: ApolloInterceptorChain,
  ): Flow<ApolloResponse<D>> = flow {
    chain.proceed(signed(request)).collect { response ->
      if (hasEnded(response) && session.refresh()) emitAll(chain.proceed(signed(request))) else emit(response)
    }
  }

  private suspend fun <D : Operation.Data> signed(request: ApolloRequest<D>): ApolloRequest<D> {
    val token = session.accessToken() ?: return request
    return request.newBuilder().addHttpHeader("Authorization", "Bearer $token").build()
  }

  private fun hasEnded(response: ApolloResponse<*>): Boolean =
    response.errors.orEmpty().any { it.extensions?.get("code") == "UNAUTHENTICATED" }
}

/**
 * Sends a request again that RATE_LIMITED or OVERLOADED rejected, after the seconds that the server names: nothing was
 * executed. A prefetch, `query.addHttpHeader("Purpose", "prefetch")`, is not sent again. `onUpgrade` gets the oldest
 * version that the server still serves.
 */
class LimitsInterceptor(private val onUpgrade: (minimumVersion: String, storeUrl: String?) -> Unit) : ApolloInterceptor {
  override fun <D : Operation.Data> intercept(
      request: ApolloRequest<D>,
      chain: ApolloInterceptorChain,
  ): Flow<ApolloResponse<D>> = flow {
    val isPrefetch = request.httpHeaders.orEmpty().any { it.name == "Purpose" }
    for (attempt in 0..3) {
      var pause: Long? = null
      chain.proceed(request).collect { response ->
        val rejection = response.errors?.firstOrNull()?.extensions
        if (rejection?.get("code") == "APP_UPGRADE_REQUIRED") {
          onUpgrade(rejection["minimumVersion"].toString(), rejection["storeUrl"]?.toString())
        }
        pause = if (isPrefetch) null else pauseOf(rejection, attempt)
        if (pause == null) emit(response)
      }
      delay(pause ?: return@flow)
    }
  }

  /** Returns milliseconds, or null if the app has to decide. */
  private fun pauseOf(rejection: Map<String, Any?>?, attempt: Int): Long? {
    val attempts = mapOf("RATE_LIMITED" to 1, "OVERLOADED" to 3)[rejection?.get("code")] ?: 0
    val seconds = (rejection?.get("retryAfter") as? Number)?.toDouble() ?: 1.0
    return (seconds * 1000).toLong().shl(attempt).takeIf { attempt < attempts && it <= 30_000 }
  }
}

fun makeClient(
    server: String,
    session: Session,
    name: String,
    version: String,
    onUpgrade: (minimumVersion: String, storeUrl: String?) -> Unit,
): ApolloClient {
  val url = server + "/graphql"
  return ApolloClient.Builder()
      .serverUrl(url)
      // Sends the headers apollographql-client-name and apollographql-client-version.
      .addHttpInterceptor(ApolloClientAwarenessInterceptor(name, version))
      .autoPersistedQueries(httpMethodForHashedQueries = HttpMethod.Post)
      .addInterceptor(LimitsInterceptor(onUpgrade))
      .addInterceptor(SessionInterceptor(session))
      // Subscriptions over multipart HTTP, with the same headers as other requests. For WebSockets, use
      // WebSocketNetworkTransport with GraphQLWsProtocol, whose connectionPayload contains the token as "Authorization".
      // After close code 4403, get a new token first.
      .subscriptionNetworkTransport(HttpNetworkTransport.Builder().serverUrl(url).build())
      .build()
}

/**
 * Follows live updates, and subscribes again after the last cursor whenever a flow of the client ends. Without
 * retryOnError, which would send the first cursor again. `operation` creates the subscription for a cursor, for example
 * `{ ViewerEventsSubscription(Optional.present(it)) }`, and `cursor` reads the cursor of its payload. Ends with an error
 * that is not retryable, such as NOT_FOUND.
 */
fun <D : Subscription.Data> ApolloClient.follow(
    after: String,
    operation: (String) -> Subscription<D>,
    cursor: (D) -> String,
): Flow<D> = flow {
  var last = after
  var attempt = 0
  while (true) {
    subscription(operation(last)).toFlow().collect { response ->
      val data = response.data
      if (data != null) {
        last = cursor(data)
        attempt = 0
        emit(data)
      } else if (response.exception == null && response.errors.orEmpty().none { it.extensions?.get("retryable") == true }) {
        error(response.errors?.firstOrNull()?.message ?: "The subscription has no data")
      }
    }
    delay(Random.nextLong(minOf(30_000L, 500L shl minOf(attempt++, 6))))
  }
}

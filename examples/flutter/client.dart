// graphql_flutter, or the package graphql alone. ferry accepts the same links.
import 'dart:math';

import 'package:graphql/client.dart';

/// The tokens of this device. A refresh token is good once, so one exchange runs at a time, for all who wait.
abstract class Session {
  Future<String?> accessToken();

  /// Returns whether there are new tokens. Only SessionExpiredProblem ends the session: then delete the tokens and let
  /// the person sign in again. After RateLimitedProblem, UNAVAILABLE or without an answer, keep them and return false.
  Future<bool> refresh();
}

/// The last cursors of live updates, by request.
final _cursors = Expando<String>();

/// Reads the cursors of payloads.
class CursorLink extends Link {
  @override
  Stream<Response> request(Request request, [NextLink? forward]) => forward!(request).map((response) {
        for (final payload in response.data?.values.whereType<Map<String, dynamic>>() ?? const []) {
          if (payload['cursor'] case final String cursor) _cursors[request] = cursor;
        }
        return response;
      });
}

/// Resumes live updates. The client serializes a request each time it subscribes again.
class ResumingSerializer extends RequestSerializer {
  const ResumingSerializer();

  @override
  Map<String, dynamic> serializeRequest(Request request) {
    final body = super.serializeRequest(request);
    final cursor = _cursors[request];
    return cursor == null ? body : {...body, 'variables': {...request.variables, 'after': cursor}};
  }
}

/// `onUpgrade` gets the oldest version that the server still serves. A query with `Context().withEntry(const
/// HttpLinkHeaders(headers: {'Purpose': 'prefetch'}))` is marked as a prefetch.
GraphQLClient makeClient(
  Uri server,
  Session session, {
  required String name,
  required String version,
  required void Function(String minimumVersion, String? storeUrl) onUpgrade,
}) {
  final endpoint = server.replace(path: '/graphql');
  final app = {'graphql-client-name': name, 'graphql-client-version': version};

  Future<String?> authorization() async {
    final token = await session.accessToken();
    return token == null ? null : 'Bearer $token';
  }

  final http = HttpLink(
    '$endpoint',
    // The server rejects a form with files without the last header, because a page of another site could send a form.
    defaultHeaders: {...app, 'graphql-require-preflight': '1'},
  );

  final socket = WebSocketLink(
    '${endpoint.replace(scheme: server.scheme == 'https' ? 'wss' : 'ws')}',
    // The default is a deprecated protocol.
    subProtocol: GraphQLProtocol.graphqlTransportWs,
    config: SocketClientConfig(
      serializer: const ResumingSerializer(),
      initialPayload: () async => {'Authorization': await authorization(), ...app},
      onConnectionLost: (code, reason) async {
        if (code == 4403) await session.refresh();
        // A server that stops tells how long to wait.
        final hint = RegExp(r'retry in (\d+) ms').firstMatch(reason ?? '')?.group(1);
        return Duration(milliseconds: hint == null ? Random().nextInt(3000) : int.parse(hint));
      },
    ),
  );

  Stream<Response> again(Request request, NextLink forward, Response response) async* {
    if (await session.refresh()) {
      yield* forward(request);
    } else {
      yield response;
    }
  }

  /// Sends a request once more that the server has rejected with 429 or 503, after the seconds of Retry-After: nothing
  /// was executed.
  Stream<Response>? later(Request request, NextLink forward, LinkException exception) {
    if (exception is! HttpLinkServerException) return null;
    final pause = int.tryParse(exception.response.headers['retry-after'] ?? '');
    final isPrefetch = request.context.entry<HttpLinkHeaders>()?.headers['Purpose'] == 'prefetch';
    if (pause == null || pause > 30 || isPrefetch) return null;
    return Stream.fromFuture(Future<void>.delayed(Duration(seconds: pause))).asyncExpand((_) => forward(request));
  }

  final handling = ErrorLink(
    onException: later,
    onGraphQLError: (request, forward, response) {
      final rejection = response.errors!.first.extensions;
      if (rejection?['code'] == 'APP_UPGRADE_REQUIRED') {
        onUpgrade(rejection!['minimumVersion'] as String, rejection['storeUrl'] as String?);
      }
      final ended = response.errors!.any((error) => error.extensions?['code'] == 'UNAUTHENTICATED');
      return ended ? again(request, forward, response) : null;
    },
  );

  return GraphQLClient(
    cache: GraphQLCache(),
    link: Link.from([
      handling,
      AuthLink(getToken: authorization),
      Link.split((request) => request.isSubscription, Link.from([CursorLink(), socket]), http),
    ]),
  );
}

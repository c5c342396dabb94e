# Varnish 7.1 or later with the module xkey (Debian: the packages varnish and varnish-modules). It stores PUBLIC responses
# between the proxy that terminates TLS and the servers, and purges them by tags. See docs/caching-http.md.
vcl 4.1;

import std;
import xkey;

# The server, or a load balancer in front of several servers.
backend default {
    .host = "127.0.0.1";
    .port = "8000";
    .connect_timeout = 2s;
    # BFF_HEARTBEAT_SECONDS (20) is below half of these. BFF_REQUEST_SECONDS (10) is below them, too.
    .first_byte_timeout = 60s;
    .between_bytes_timeout = 60s;
}

# Without BFF_CDN_TOKEN in the environment of Varnish, these addresses may purge: those of the workers.
acl purgers {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    if (req.method == "PURGE") {
        call purge_by_tags;
    }
    if (req.http.Upgrade ~ "(?i)^websocket$") {
        return (pipe);
    }
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    if (req.http.Authorization || req.http.Cookie) {
        return (pass);
    }
    # Varnish frees the events of a stream that it passes, and keeps those of a stream that it may store.
    if (req.http.Accept ~ "text/event-stream") {
        return (pass);
    }
    return (hash);
}

sub purge_by_tags {
    if (std.getenv("BFF_CDN_TOKEN") != "") {
        if (req.http.Authorization != "Bearer " + std.getenv("BFF_CDN_TOKEN")) {
            return (synth(403));
        }
    # Varnish appends the address of its client to X-Forwarded-For. Two addresses are those of a proxy and its client.
    } elsif (client.ip !~ purgers || req.http.X-Forwarded-For ~ ",") {
        return (synth(403));
    }
    if (!req.http.xkey-purge) {
        return (synth(400));
    }
    set req.http.X-Purged = xkey.purge(req.http.xkey-purge);
    return (synth(200));
}

sub vcl_pipe {
    set bereq.http.Upgrade = req.http.Upgrade;
    set bereq.http.Connection = req.http.Connection;
    return (pipe);
}

sub vcl_backend_response {
    # The lifetime is s-maxage, and the grace is stale-while-revalidate. Afterwards a response is kept for a request with
    # its ETag.
    set beresp.keep = 5m;
    if (beresp.http.Surrogate-Key) {
        set beresp.http.xkey = beresp.http.Surrogate-Key;
    }
    # The server writes s-maxage if a response may be stored. Others are requested each time, several at a time.
    if (beresp.http.Cache-Control !~ "s-maxage=") {
        set beresp.ttl = 120s;
        set beresp.grace = 0s;
        set beresp.uncacheable = true;
        return (deliver);
    }
}

# Apps read errors of the proxy like those of the servers.
sub vcl_backend_error {
    set beresp.status = 503;
    set beresp.grace = 0s;
    set beresp.http.Content-Type = "application/json";
    set beresp.http.Cache-Control = "no-store";
    set beresp.http.Retry-After = "1";
    set beresp.body = {"{"errors":[{"message":"No server responded. Try again.","extensions":{"code":"UNAVAILABLE","retryable":true,"retryAfter":1}}]}"};
    return (deliver);
}

sub vcl_deliver {
    unset resp.http.xkey;
    unset resp.http.Surrogate-Key;
    unset resp.http.Cache-Tag;
    if (obj.uncacheable) {
        set resp.http.X-Cache-Status = "PASS";
    } elsif (obj.hits > 0) {
        set resp.http.X-Cache-Status = "HIT";
    } else {
        set resp.http.X-Cache-Status = "MISS";
    }
    return (deliver);
}

sub vcl_synth {
    set resp.http.Cache-Control = "no-store";
    if (req.http.X-Purged && resp.status == 200) {
        set resp.http.X-Purged = req.http.X-Purged;
    }
    set resp.body = "";
    return (deliver);
}

dnstapFrameStreamServer({"/run/pdns/dnstap.sock"}, {logQueries=false, logResponses=true})

package pdnsquery

import (
	"context"
	"sync"
	"time"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/metrics"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Outcomes of a query.
const (
	outcomeAnswered    = "answered"
	outcomeEmpty       = "empty"       // NXDOMAIN or NODATA
	outcomeIncomplete  = "incomplete"  // answered with what was found in time, or could be read
	outcomeMalformed   = "malformed"   // the name is no question
	outcomeRefused     = "refused"     // by allow or transfer, or for its opcode or class
	outcomeBusy        = "busy"        // as many searches as may be were under way
	outcomeFailed      = "failed"      // the store is not open or did not answer
	outcomeTransferred = "transferred" // a whole transfer
)

var outcomes = [...]string{
	outcomeAnswered, outcomeEmpty, outcomeIncomplete, outcomeMalformed,
	outcomeRefused, outcomeBusy, outcomeFailed, outcomeTransferred,
}

var (
	queries = promauto.NewCounterVec(prometheus.CounterOpts{
		Namespace: plugin.Namespace,
		Subsystem: pluginName,
		Name:      "queries_total",
		Help:      "Queries of the passive DNS query zones, by outcome.",
	}, []string{"server", "outcome"})

	unsent = promauto.NewCounterVec(prometheus.CounterOpts{
		Namespace: plugin.Namespace,
		Subsystem: pluginName,
		Name:      "unsent_total",
		Help:      "Answers and transfers that could not be sent, or only in part: the client had gone.",
	}, []string{"server"})

	duration = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: plugin.Namespace,
		Subsystem: pluginName,
		Name:      "duration_seconds",
		Help:      "Time from a query of the passive DNS query zones to its answer.",
		Buckets:   prometheus.ExponentialBuckets(0.000_05, 4, 10), // 50 µs to 13 s
	}, []string{"server"})
)

// counted are the servers that have a series for each outcome: zero, from a
// server's first query on, as long as none was counted.
var counted sync.Map

// unsent counts, besides its outcome, an answer that the client did not get.
func (x *exchange) unsent(ctx context.Context) {
	unsent.WithLabelValues(metrics.WithServer(ctx)).Inc()
}

// count takes the exchange into the metrics.
func (x *exchange) count(ctx context.Context, took time.Duration) {
	server := metrics.WithServer(ctx)
	if _, known := counted.LoadOrStore(server, true); !known {
		for _, outcome := range outcomes {
			queries.WithLabelValues(server, outcome)
		}
		unsent.WithLabelValues(server)
	}
	queries.WithLabelValues(server, x.outcome).Inc()
	if !isTransfer(x.qtype()) {
		duration.WithLabelValues(server).Observe(took.Seconds())
	}
}

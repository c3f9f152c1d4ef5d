package pdnsquery

import (
	"strconv"

	"github.com/coredns/coredns/plugin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"example.org/pdns/plugin/pkg/httpapi"
)

var (
	httpRequests = promauto.NewCounterVec(prometheus.CounterOpts{
		Namespace: plugin.Namespace,
		Subsystem: pluginName,
		Name:      "http_requests_total",
		Help:      "Requests of the HTTP API, by dialect and status code, or cut where the answer did not come to its end.",
	}, []string{"server", "dialect", "code"})

	httpResults = promauto.NewCounterVec(prometheus.CounterOpts{
		Namespace: plugin.Namespace,
		Subsystem: pluginName,
		Name:      "http_results_total",
		Help:      "Results that the HTTP API gave, by dialect.",
	}, []string{"server", "dialect"})

	httpDuration = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: plugin.Namespace,
		Subsystem: pluginName,
		Name:      "http_request_duration_seconds",
		Help:      "Time from a request of the HTTP API to the end of its answer, by dialect; without answers that follow.",
		Buckets:   prometheus.ExponentialBuckets(0.000_1, 4, 11), // 100 µs to 105 s
	}, []string{"server", "dialect"})
)

// count takes a request that is over into the metrics. Dialects and codes are few.
func (s *service) count(r httpapi.Record) {
	server := s.label()
	code := "cut"
	if !r.Cut {
		code = strconv.Itoa(r.Status)
	}
	httpRequests.WithLabelValues(server, r.Dialect, code).Inc()
	httpResults.WithLabelValues(server, r.Dialect).Add(float64(r.Results))
	if !r.Follows {
		httpDuration.WithLabelValues(server, r.Dialect).Observe(r.Took.Seconds())
	}
}

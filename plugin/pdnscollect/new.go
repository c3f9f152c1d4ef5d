package pdnscollect

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/coredns/coredns/plugin"

	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// parseNew reads off, or [learn DURATION] [silence DURATION].
func parseNew(args []string) (o novelty.Options, err error) {
	if args[0] == "off" {
		if len(args) > 1 {
			return o, fmt.Errorf("off: unexpected argument %q", args[1])
		}
		return novelty.Options{Off: true}, nil
	}
	for rest := args; len(rest) > 0; rest = rest[2:] {
		word := rest[0]
		switch {
		case word != "learn" && word != "silence":
			return o, fmt.Errorf("%q: want off, or learn and silence with a duration", word)
		case len(rest) < 2:
			return o, fmt.Errorf("%s: an argument is missing", word)
		case word == "learn" && o.Learn == 0:
			o.Learn, err = parseLearn(rest[1])
		case word == "silence" && o.Silence == 0:
			o.Silence, err = parseDuration(rest[1])
		default:
			return o, fmt.Errorf("%s: given twice", word)
		}
		if err != nil {
			return o, fmt.Errorf("%s: %w", word, err)
		}
	}
	return o, nil
}

// parseLearn is parseDuration that takes zero as well.
func parseLearn(s string) (time.Duration, error) {
	if s == "0" || s == "0s" {
		return -1, nil
	}
	return parseDuration(s)
}

var (
	newlyObserved = newCounter("newly_observed_total", "What was found to be never seen before, or seen again after a silence, by kind.", "kind")
	newMissed     = newCounter("newly_observed_missed_total", "What was not told of what is new, by reason: records that a flush had no time to look at, events that the log had no room for.", "reason")
	newDuration   = promauto.NewHistogram(prometheus.HistogramOpts{
		Namespace: plugin.Namespace,
		Subsystem: pluginName,
		Name:      "newly_observed_duration_seconds",
		Help:      "Time of a flush that went into finding what is new in it.",
		Buckets:   prometheus.ExponentialBuckets(0.001, 4, 7), // 1 ms to 4 s
	})
)

func newCounter(name, help, label string) *prometheus.CounterVec {
	return promauto.NewCounterVec(prometheus.CounterOpts{Namespace: plugin.Namespace, Subsystem: pluginName, Name: name, Help: help}, []string{label})
}

// A newsTeller tells what the flushes of one store found: by metrics, and when nothing
// can be found by the log, once, since who waits for it would look for a fault. Flushes
// come one after the other.
type newsTeller struct {
	dir  string
	said string // why nothing can be found; empty: it can
}

func (t *newsTeller) tell(n store.NewsInfo) {
	for kind, found := range n.Found {
		newlyObserved.WithLabelValues(string(kind)).Add(float64(found))
	}
	newMissed.WithLabelValues("time").Add(float64(n.Skipped))
	newMissed.WithLabelValues("room").Add(float64(n.Shed))
	if !n.Learning {
		newDuration.Observe(n.Took.Seconds())
	}
	t.log(n)
}

// log tells that nothing can be found, and that it can again.
func (t *newsTeller) log(n store.NewsInfo) {
	const waits, damaged = "the history is too young", "a part of the history cannot be read"
	why := ""
	switch {
	case n.Learning && n.Ready.IsZero():
		why = damaged
	case n.Learning:
		why = waits
	}
	if why == t.said {
		return
	}
	switch t.said = why; why {
	case "":
		log.Infof("%s: what is newly observed is found from now on", t.dir)
	case waits:
		log.Infof("%s: nothing counts as newly observed before %s: %s. An import of older history ends that, and so does new learn 0, by which at first everything is new",
			t.dir, n.Ready.UTC().Format(time.RFC3339), why)
	default:
		log.Warningf("%s: nothing counts as newly observed: %s", t.dir, why)
	}
}

package pdnscollect

import (
	"time"

	"github.com/coredns/coredns/plugin"
	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"example.org/pdns/plugin/pkg/store"
)

var (
	observations = promauto.NewCounterVec(prometheus.CounterOpts{
		Namespace: plugin.Namespace,
		Subsystem: pluginName,
		Name:      "observations_total",
		Help:      "RRsets seen in answers, or in dnstap, and recorded.",
	}, []string{"server"})

	dropped = promauto.NewCounterVec(prometheus.CounterOpts{
		Namespace: plugin.Namespace,
		Subsystem: pluginName,
		Name:      "dropped_total",
		Help:      "Answers, and RRsets of answers, that were left out, by reason.",
	}, []string{"server", "reason"})

	dnstapFrames = promauto.NewCounterVec(prometheus.CounterOpts{
		Namespace: plugin.Namespace,
		Subsystem: pluginName,
		Name:      "dnstap_frames_total",
		Help:      "Frames of dnstap received.",
	}, []string{"server"})

	dnstapEnded = promauto.NewCounterVec(prometheus.CounterOpts{
		Namespace: plugin.Namespace,
		Subsystem: pluginName,
		Name:      "dnstap_connections_ended_total",
		Help:      "Connections of dnstap senders that were refused or have ended, by reason.",
	}, []string{"server", "reason"})

	dnstapSocketErrors = promauto.NewCounterVec(prometheus.CounterOpts{
		Namespace: plugin.Namespace,
		Subsystem: pluginName,
		Name:      "dnstap_socket_errors_total",
		Help:      "What went wrong with the sockets that listen for dnstap.",
	}, []string{"server"})

	flushDuration = promauto.NewHistogram(prometheus.HistogramOpts{
		Namespace: plugin.Namespace,
		Subsystem: pluginName,
		Name:      "flush_duration_seconds",
		Help:      "Time to write the memtable to a run.",
		Buckets:   prometheus.ExponentialBuckets(0.001, 4, 9), // 1 ms to 65 s
	})

	flushBytes = promauto.NewHistogram(prometheus.HistogramOpts{
		Namespace: plugin.Namespace,
		Subsystem: pluginName,
		Name:      "flush_bytes",
		Help:      "Size of the runs written by flushes.",
		Buckets:   prometheus.ExponentialBuckets(1<<14, 8, 7), // 16 KiB to 4 GiB
	})

	mergeDuration = promauto.NewHistogram(prometheus.HistogramOpts{
		Namespace: plugin.Namespace,
		Subsystem: pluginName,
		Name:      "merge_duration_seconds",
		Help:      "Time to merge runs into one.",
		Buckets:   prometheus.ExponentialBuckets(0.01, 4, 10), // 10 ms to 44 min
	})

	mergeBytes = promauto.NewHistogram(prometheus.HistogramOpts{
		Namespace: plugin.Namespace,
		Subsystem: pluginName,
		Name:      "merge_bytes",
		Help:      "Size of the runs written by merges.",
		Buckets:   prometheus.ExponentialBuckets(1<<14, 8, 8), // 16 KiB to 34 GiB
	})

	mergePostponed = promauto.NewCounter(prometheus.CounterOpts{
		Namespace: plugin.Namespace,
		Subsystem: pluginName,
		Name:      "merge_postponed_total",
		Help:      "Merges that were not begun since the file system has too little room.",
	})

	storeErrors = promauto.NewCounter(prometheus.CounterOpts{
		Namespace: plugin.Namespace,
		Subsystem: pluginName,
		Name:      "store_errors_total",
		Help:      "Flushes, merges and removals that went wrong and will be tried again.",
	})
)

// events turn what a store does in the background into metrics and log lines.
var events = store.Events{
	Flushed: func(f store.FlushInfo) {
		flushDuration.Observe(f.Took.Seconds())
		flushBytes.Observe(float64(f.Bytes))
	},
	Merged: func(m store.MergeInfo) {
		mergeDuration.Observe(m.Took.Seconds())
		mergeBytes.Observe(float64(m.Bytes))
	},
	Expired: func(e store.ExpiredInfo) {
		log.Infof("Retention: %s dropped, %s, none seen after %s", english.Plural(e.Runs, "run", ""),
			english.Plural(int(e.Records), "record", ""), e.Until.Format(time.RFC3339))
	},
	Postponed: func(p store.PostponedInfo) {
		mergePostponed.Inc()
		log.Warningf("Merge of %d runs postponed: it needs %s of room, and there are %s",
			p.Runs, humanize.IBytes(uint64(p.Need)), humanize.IBytes(uint64(p.Free)))
	},
	ReadOnly: func(err error) {
		if err == nil {
			log.Info("The store can be written again: recording goes on")
			return
		}
		log.Errorf("Nothing is recorded: %v", err)
	},
	Clock: func(c store.ClockInfo) {
		if c.Trusted {
			log.Infof("The clock, at %s, is believed again: retention goes by it", c.To.Format(time.RFC3339))
			return
		}
		log.Warningf("The clock went from %s to %s: retention removes nothing by it before it has gone on for %s",
			c.From.Format(time.RFC3339), c.To.Format(time.RFC3339), c.Stand)
	},
	Error: func(err error) {
		storeErrors.Inc()
		log.Error(err)
	},
}

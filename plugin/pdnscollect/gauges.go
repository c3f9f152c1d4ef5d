package pdnscollect

import (
	"slices"
	"strings"

	"github.com/coredns/coredns/plugin"
	"github.com/prometheus/client_golang/prometheus"

	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/lease"
	"example.org/pdns/plugin/pkg/store"
)

// gauges tell the state of each store open for writing whenever they are asked,
// under whatever Corefile is loaded then.
type gauges struct{}

func init() { prometheus.MustRegister(gauges{}) }

// A gauge is a number about a store, which has its directory as a label.
type gauge struct {
	desc  *prometheus.Desc
	value func(*store.Stats, *store.Coverage) float64
}

func newGauge(name, help string, value func(*store.Stats, *store.Coverage) float64) gauge {
	name = prometheus.BuildFQName(plugin.Namespace, pluginName, name)
	return gauge{prometheus.NewDesc(name, help, []string{"store"}, nil), value}
}

var storeGauges = []gauge{
	newGauge("memtable_bytes", "Memory taken by what has not been flushed.",
		func(s *store.Stats, _ *store.Coverage) float64 { return float64(s.Memtable.Bytes) }),
	newGauge("memtable_limit_bytes", "Memory that may be taken; what comes then is shed.",
		func(s *store.Stats, _ *store.Coverage) float64 { return float64(s.Memtable.Limit) }),
	newGauge("memtable_records", "RRsets that have not been flushed.",
		func(s *store.Stats, _ *store.Coverage) float64 { return float64(s.Memtable.Records) }),
	newGauge("runs", "Runs on disk.", total(func(*store.RunInfo) float64 { return 1 })),
	newGauge("runs_damaged", "Runs on disk that do not answer.", total(damaged)),
	newGauge("runs_bytes", "Size of the runs on disk.",
		total(func(r *store.RunInfo) float64 { return float64(r.Bytes) })),
	newGauge("runs_records", "Records in the runs on disk; an RRset has one in each run that holds it.",
		total(func(r *store.RunInfo) float64 { return float64(r.Records) })),
	newGauge("collapsed_sets", "Sets of names that have collapsed into one.",
		func(_ *store.Stats, c *store.Coverage) float64 { return float64(c.Reduced.Sets) }),
	newGauge("collapsed_names", "Names in these sets, about.",
		func(_ *store.Stats, c *store.Coverage) float64 { return float64(c.Reduced.Names) }),
	newGauge("coverage_age_seconds", "How far back the history goes.", age),
}

// total sums a number of each run.
func total(of func(*store.RunInfo) float64) func(*store.Stats, *store.Coverage) float64 {
	return func(s *store.Stats, _ *store.Coverage) float64 {
		var n float64
		for i := range s.Runs {
			n += of(&s.Runs[i])
		}
		return n
	}
}

func damaged(r *store.RunInfo) float64 { return truth(r.Damage != "") }

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func age(_ *store.Stats, c *store.Coverage) float64 {
	if c.Since.IsZero() {
		return 0
	}
	return clock.Now().Sub(c.Since).Seconds()
}

// conditions is 1 for each condition that a store is in.
var conditions = prometheus.NewDesc(prometheus.BuildFQName(plugin.Namespace, pluginName, "store_condition"),
	"Whether the store is in a condition that somebody should know of.", []string{"store", "condition"}, nil)

// Describe implements prometheus.Collector.
func (gauges) Describe(c chan<- *prometheus.Desc) {
	for _, g := range storeGauges {
		c <- g.desc
	}
	c <- reductions
	c <- conditions
}

// Collect implements prometheus.Collector.
func (gauges) Collect(c chan<- prometheus.Metric) {
	for dir, s := range lease.Stores() {
		stats, err := s.Stats()
		if err != nil { // it was closed in between
			continue
		}
		coverage, err := s.Coverage()
		if err != nil {
			continue
		}
		label := strings.ToValidUTF8(dir, "\uFFFD") // a path may be any octets, a label not
		for _, g := range storeGauges {
			c <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, g.value(&stats, &coverage), label)
		}
		collectReductions(c, &coverage, label)
		for _, kind := range store.Conditions {
			in := slices.ContainsFunc(stats.Conditions, func(c store.Condition) bool { return c.Kind == kind })
			c <- prometheus.MustNewConstMetric(conditions, prometheus.GaugeValue, truth(in), label, kind)
		}
	}
}

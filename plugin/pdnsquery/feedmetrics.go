package pdnsquery

import (
	"maps"
	"sync"

	"github.com/coredns/coredns/plugin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var (
	feedLeftOut = newFeedCounter("left_out_total", "Newly observed names that no feed holds, or not for its whole age, by reason.", "reason")

	feedNotifies = newFeedCounter("notifies_total", "Rounds of NOTIFY to the secondaries of a feed, by result.", "zone", "result")

	feedTransfers = newFeedCounter("transfers_total", "Transfers of a feed, by form: the whole, a difference, or that the client is up to date.", "zone", "form")

	feedEntries = newFeedGauge("entries", "Names that a feed holds.")
	feedSerial  = newFeedGauge("serial", "Serial of a feed: when it changed last, Unix seconds.")
)

func newFeedCounter(name, help string, labels ...string) *prometheus.CounterVec {
	return promauto.NewCounterVec(prometheus.CounterOpts{
		Namespace: plugin.Namespace, Subsystem: pluginName, Name: "feed_" + name, Help: help,
	}, labels)
}

func newFeedGauge(name, help string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(plugin.Namespace, pluginName, "feed_"+name), help, []string{"zone"}, nil)
}

// running are the feeds that are served, under whatever Corefile is loaded.
var running = &runningFeeds{feeds: map[*feeds]bool{}}

func init() { prometheus.MustRegister(running) }

// runningFeeds tells the state of each feed when it is asked.
type runningFeeds struct {
	sync.Mutex
	feeds map[*feeds]bool
}

func (r *runningFeeds) add(f *feeds) {
	r.Lock()
	defer r.Unlock()
	r.feeds[f] = true
}

func (r *runningFeeds) remove(f *feeds) {
	r.Lock()
	defer r.Unlock()
	delete(r.feeds, f)
}

// Describe implements prometheus.Collector.
func (*runningFeeds) Describe(ch chan<- *prometheus.Desc) {
	ch <- feedEntries
	ch <- feedSerial
}

// Collect implements prometheus.Collector.
func (r *runningFeeds) Collect(ch chan<- prometheus.Metric) {
	r.Lock()
	all := maps.Clone(r.feeds)
	r.Unlock()
	told := map[string]bool{} // while a reload is under way two have it
	for f := range all {
		for name, z := range f.names {
			s := f.follower.State(z)
			if s == nil || told[name] {
				continue
			}
			told[name] = true
			ch <- prometheus.MustNewConstMetric(feedEntries, prometheus.GaugeValue, float64(s.Len()), name)
			ch <- prometheus.MustNewConstMetric(feedSerial, prometheus.GaugeValue, float64(s.Serial), name)
		}
	}
}

package pdnscollect

import (
	"github.com/coredns/coredns/plugin"
	"github.com/prometheus/client_golang/prometheus"
)

// tapGauges tell the state of each listener that is open whenever they are asked.
// What a Corefile without sensor must not keep is kept nowhere else.
type tapGauges struct{}

func init() { prometheus.MustRegister(tapGauges{}) }

var (
	connectionsDesc = prometheus.NewDesc(prometheus.BuildFQName(plugin.Namespace, pluginName, "dnstap_connections"),
		"Senders of dnstap that are connected.", []string{"server"}, nil)
	sensorFramesDesc = prometheus.NewDesc(prometheus.BuildFQName(plugin.Namespace, pluginName, "dnstap_sensor_frames_total"),
		"Frames of dnstap received, by the identity of the sender.", []string{"server", "sensor"}, nil)
)

// Describe implements prometheus.Collector.
func (tapGauges) Describe(c chan<- *prometheus.Desc) {
	c <- connectionsDesc
	c <- sensorFramesDesc
}

// Collect implements prometheus.Collector.
func (tapGauges) Collect(c chan<- prometheus.Metric) {
	for _, l := range listeners.Listeners() {
		t := l.Receiver().(*tap)
		c <- prometheus.MustNewConstMetric(connectionsDesc, prometheus.GaugeValue, float64(l.Connections()), t.label)
		if t.sensors == nil {
			continue
		}
		t.sensors.each(func(s *sensor) {
			c <- prometheus.MustNewConstMetric(sensorFramesDesc, prometheus.CounterValue, float64(s.frames.Load()), t.label, s.name)
		})
	}
}

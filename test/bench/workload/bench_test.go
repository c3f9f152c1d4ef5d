package workload_test

import (
	"testing"

	"example.org/pdns/test/bench/workload"
)

func BenchmarkNext(b *testing.B) {
	for _, mode := range []workload.Mode{workload.New, workload.Observations} {
		b.Run(string(mode), func(b *testing.B) {
			g := workload.NewGenerator(workload.Config{Mode: mode, Names: names(b)})
			b.ReportAllocs()
			for b.Loop() {
				g.Next()
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "RRsets/s")
		})
	}
}

package pdnscollect

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/coredns/coredns/plugin"

	"example.org/pdns/plugin/pkg/exclude"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/disposable"
)

// parseDisposable reads MODE [children K] [combinations M] [exempt NAME...].
func parseDisposable(args []string) (p disposable.Policy, err error) {
	if p.Mode, err = disposable.ParseMode(args[0]); err != nil {
		return p, err
	}
	for rest := args[1:]; len(rest) > 0; {
		word := rest[0]
		switch {
		case len(rest) < 2:
			return p, fmt.Errorf("%s: an argument is missing", word)
		case word == "exempt":
			p.Exempt, err = exclude.Parse(rest[1:])
			return p, err
		case word == "children" && p.Children == 0:
			p.Children, err = parseMost(rest[1])
		case word == "combinations" && p.Combinations == 0:
			p.Combinations, err = parseMost(rest[1])
		default:
			return p, fmt.Errorf("%q: want children, combinations or exempt, each once, the last at the end", word)
		}
		if err != nil {
			return p, fmt.Errorf("%s: %w", word, err)
		}
		rest = rest[2:]
	}
	return p, nil
}

// maxMost is more than anybody wants, and can be multiplied.
const maxMost = 1 << 24

func parseMost(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxMost {
		return 0, errors.New("want a number from 1 to 16777216, such as 1000")
	}
	return n, nil
}

// reductions are what is recorded as less than was seen.
var reductions = prometheus.NewDesc(prometheus.BuildFQName(plugin.Namespace, pluginName, "reduced_total"),
	"Observations recorded as less than was seen, or that would be, by reason.", []string{"store", "reason"}, nil)

func collectReductions(c chan<- prometheus.Metric, coverage *store.Coverage, label string) {
	for _, why := range store.Reductions() {
		n := coverage.Reduced.Observations[why] + coverage.Dropped[why]
		c <- prometheus.MustNewConstMetric(reductions, prometheus.CounterValue, float64(n), label, why)
	}
}

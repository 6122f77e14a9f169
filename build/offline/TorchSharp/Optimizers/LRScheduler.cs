using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            /// <summary>Sets the learning rates of an optimizer's groups, once at construction and then at each step.</summary>
            public abstract class LRScheduler
            {
                internal Optimizer _optimizer;
                internal int _last_epoch = -1;
                internal IList<double> _last_lrs;
                internal IList<double> _base_lrs;
                protected int _step_count = 0;

                protected LRScheduler() { }

                protected LRScheduler(Optimizer optimizer, int last_epoch = -1, bool verbose = false)
                {
                    _optimizer = optimizer;
                    _last_epoch = last_epoch;
                    if (last_epoch == -1)
                        foreach (var group in optimizer.ParamGroups)
                            group.InitialLearningRate = group.LearningRate;
                    _base_lrs = optimizer.ParamGroups.Select(g => g.InitialLearningRate).ToList();
                    _last_lrs = optimizer.ParamGroups.Select(g => g.LearningRate).ToList();
                }

                public IEnumerable<double> get_last_lr() => _last_lrs;

                public virtual void step()
                {
                    _step_count++;
                    _last_epoch++;
                    Set(get_lr());
                }

                public virtual void step(int? epoch)
                {
                    if (epoch is null)
                    {
                        step();
                        return;
                    }
                    _step_count++;
                    _last_epoch = epoch.Value;
                    Set(get_closed_form_lr() ?? get_lr());
                }

                public virtual void step(double current, int? epoch = null) => step(epoch);

                /// <summary>The rates of this epoch, from those of the one before.</summary>
                protected virtual IEnumerable<double> get_lr() => _last_lrs;

                /// <summary>The rates of an epoch from the initial ones; null when there is no such formula.</summary>
                protected virtual IEnumerable<double> get_closed_form_lr() => null;

                private void Set(IEnumerable<double> rates)
                {
                    _last_lrs = rates.ToList();
                    int i = 0;
                    foreach (var group in _optimizer.ParamGroups)
                        group.LearningRate = _last_lrs[i++];
                }
            }

            public static LRScheduler StepLR(Optimizer optimizer, int step_size, double gamma = 0.1, int last_epoch = -1, bool verbose = false) =>
                new Factors(
                    optimizer, e => e == 0 || e % step_size != 0 ? 1 : gamma, e => Math.Pow(gamma, e / step_size), last_epoch);

            public static LRScheduler MultiStepLR(
                Optimizer optimizer, IList<int> milestones, double gamma = 0.1, int last_epoch = -1, bool verbose = false) =>
                new Factors(
                    optimizer, e => Math.Pow(gamma, milestones.Count(m => m == e)), e => Math.Pow(gamma, milestones.Count(m => m <= e)), last_epoch);

            public static LRScheduler ExponentialLR(Optimizer optimizer, double gamma = 0.1, int last_epoch = -1, bool verbose = false) =>
                new Factors(optimizer, e => e == 0 ? 1 : gamma, e => Math.Pow(gamma, e), last_epoch);

            public static LRScheduler ConstantLR(
                Optimizer optimizer, double factor = 1.0 / 3, int total_iters = 5, int last_epoch = -1, bool verbose = false) =>
                new Factors(
                    optimizer, e => e == 0 ? factor : e == total_iters ? 1 / factor : 1, e => e >= total_iters ? 1 : factor, last_epoch);

            public static LRScheduler LinearLR(
                Optimizer optimizer, double start_factor = 1.0 / 3, double end_factor = 1.0, int total_iters = 5, int last_epoch = -1,
                bool verbose = false)
            {
                double At(int e) => start_factor + (end_factor - start_factor) * Math.Min(e, total_iters) / total_iters;
                return new Factors(optimizer, e => e == 0 ? start_factor : At(e) / At(e - 1), At, last_epoch);
            }

            public static LRScheduler MultiplicativeLR(
                Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false) =>
                new Factors(optimizer, e => e == 0 ? 1 : lr_lambda(e), null, last_epoch);

            public static LRScheduler LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false) =>
                new Formula(optimizer, (initial, e) => initial * lr_lambda(e), last_epoch);

            public static LRScheduler CosineAnnealingLR(
                Optimizer optimizer, double T_max, double eta_min = 0, int last_epoch = -1, bool verbose = false) =>
                new Formula(
                    optimizer, (initial, e) => eta_min + (initial - eta_min) * (1 + Math.Cos(Math.PI * e / T_max)) / 2, last_epoch);

            /// <summary>A schedule that multiplies the rates as they are, so that a change from outside lasts.</summary>
            private sealed class Factors : LRScheduler
            {
                private readonly Func<int, double> _factor;
                private readonly Func<int, double> _closed;

                internal Factors(Optimizer optimizer, Func<int, double> factor, Func<int, double> closed, int last_epoch) : base(optimizer, last_epoch)
                {
                    _factor = factor;
                    _closed = closed;
                    step();
                }

                protected override IEnumerable<double> get_lr() => _optimizer.ParamGroups.Select(g => g.LearningRate * _factor(_last_epoch));

                protected override IEnumerable<double> get_closed_form_lr() => _closed is null ? null : _base_lrs.Select(b => b * _closed(_last_epoch));
            }

            /// <summary>A schedule that computes the rates from the initial ones.</summary>
            private sealed class Formula : LRScheduler
            {
                private readonly Func<double, int, double> _rate;

                internal Formula(Optimizer optimizer, Func<double, int, double> rate, int last_epoch) : base(optimizer, last_epoch)
                {
                    _rate = rate;
                    step();
                }

                protected override IEnumerable<double> get_lr() => _base_lrs.Select(b => _rate(b, _last_epoch));

                protected override IEnumerable<double> get_closed_form_lr() => get_lr();
            }
        }
    }
}

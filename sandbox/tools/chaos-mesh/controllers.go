// Package controllers is what the manager runs: every controller of Chaos Mesh but experiments on
// machines of AWS, Azure and Google, and for other clusters. Those bring the clouds' libraries and
// Helm with them, which are most of what there is to compile.
package controllers

import (
	"go.uber.org/fx"

	"github.com/chaos-mesh/chaos-mesh/controllers/chaosimpl/blockchaos"
	"github.com/chaos-mesh/chaos-mesh/controllers/chaosimpl/dnschaos"
	"github.com/chaos-mesh/chaos-mesh/controllers/chaosimpl/httpchaos"
	"github.com/chaos-mesh/chaos-mesh/controllers/chaosimpl/iochaos"
	"github.com/chaos-mesh/chaos-mesh/controllers/chaosimpl/jvmchaos"
	"github.com/chaos-mesh/chaos-mesh/controllers/chaosimpl/kernelchaos"
	"github.com/chaos-mesh/chaos-mesh/controllers/chaosimpl/networkchaos"
	"github.com/chaos-mesh/chaos-mesh/controllers/chaosimpl/physicalmachinechaos"
	"github.com/chaos-mesh/chaos-mesh/controllers/chaosimpl/podchaos"
	"github.com/chaos-mesh/chaos-mesh/controllers/chaosimpl/stresschaos"
	"github.com/chaos-mesh/chaos-mesh/controllers/chaosimpl/timechaos"
	"github.com/chaos-mesh/chaos-mesh/controllers/chaosimpl/utils"
	"github.com/chaos-mesh/chaos-mesh/controllers/common"
	"github.com/chaos-mesh/chaos-mesh/controllers/podhttpchaos"
	"github.com/chaos-mesh/chaos-mesh/controllers/podiochaos"
	"github.com/chaos-mesh/chaos-mesh/controllers/podnetworkchaos"
	"github.com/chaos-mesh/chaos-mesh/controllers/schedule"
	"github.com/chaos-mesh/chaos-mesh/controllers/statuscheck"
	"github.com/chaos-mesh/chaos-mesh/controllers/utils/chaosdaemon"
	"github.com/chaos-mesh/chaos-mesh/controllers/utils/recorder"
	workflow "github.com/chaos-mesh/chaos-mesh/pkg/workflow/controllers"
)

// Module takes the place of upstream's own.
var Module = fx.Options(
	fx.Provide(chaosdaemon.New, recorder.NewRecorderBuilder, common.AllSteps),
	fx.Invoke(
		common.Bootstrap,
		podhttpchaos.Bootstrap,
		podnetworkchaos.Bootstrap,
		podiochaos.Bootstrap,
		workflow.BootstrapWorkflowControllers,
		statuscheck.Bootstrap,
	),
	schedule.Module,
	utils.Module,
	blockchaos.Module,
	dnschaos.Module,
	httpchaos.Module,
	iochaos.Module,
	jvmchaos.Module,
	kernelchaos.Module,
	networkchaos.Module,
	physicalmachinechaos.Module,
	podchaos.Module,
	stresschaos.Module,
	timechaos.Module,
)

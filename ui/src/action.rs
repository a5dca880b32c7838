//! Everything a key, a menu row or a click can ask for, with its name for keymaps and its words for help.

macro_rules! actions {
    ($($variant:ident $name:literal $words:literal;)*) => {
        /// One thing the user can ask for.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Action {
            $(#[doc = $words] $variant,)*
        }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in keymaps.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it does, in a few words.
            pub fn words(self) -> &'static str {
                match self { $(Self::$variant => $words,)* }
            }

            /// The action of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

actions! {
    Quit "quit" "quit teu; containers go on";
    Help "help" "show the keys";
    Palette "palette" "find any command";
    Themes "themes" "choose a theme";
    Notices "notices" "show past messages";
    Suspend "suspend" "suspend teu";
    Redraw "redraw" "draw the screen again";
    ToggleMouse "toggle-mouse" "give the mouse to the terminal, or take it back";
    Back "back" "go back, close, clear";
    NextPane "next-pane" "go to the next pane";
    PreviousPane "previous-pane" "go to the previous pane";
    Wider "wider" "widen the list";
    Narrower "narrower" "narrow the list";
    Zoom "zoom" "enlarge the pane, or shrink it back";
    ShowContainers "show-containers" "containers";
    ShowImages "show-images" "images";
    ShowVolumes "show-volumes" "volumes";
    ShowNetworks "show-networks" "networks";
    ShowStacks "show-stacks" "stacks";
    ShowEvents "show-events" "events";
    Up "up" "up";
    Down "down" "down";
    PageUp "page-up" "a page up";
    PageDown "page-down" "a page down";
    Top "top" "to the top";
    Bottom "bottom" "to the end";
    Left "left" "to the left";
    Right "right" "to the right";
    Sort "sort" "sort by the next column";
    SortPrevious "sort-previous" "sort by the column before";
    SortReverse "sort-reverse" "turn the order round";
    ColumnWider "column-wider" "widen the column sorted by";
    ColumnNarrower "column-narrower" "narrow the column sorted by";
    ColumnsReset "columns-reset" "give columns their own widths again";
    Filter "filter" "filter: fuzzy, /regex, !not";
    Mark "mark" "mark, and go down";
    MarkAll "mark-all" "mark all, or none";
    MarkRange "mark-range" "mark a range: from the last mark, or as you move";
    Menu "menu" "all actions";
    Shell "shell" "open a shell";
    Attach "attach" "attach to the main process";
    OpenSessions "open-sessions" "open the shells left open";
    Stop "stop" "stop";
    Start "start" "start";
    Restart "restart" "restart";
    Pause "pause" "pause, or go on";
    Kill "kill" "kill";
    Remove "remove" "remove";
    Prune "prune" "remove what is not in use, chosen row by row";
    Open "open" "open";
    Extract "extract" "copy it out to this host";
    FoldAll "fold-all" "fold everything, or unfold it";
    ExploreTogether "explore-together" "what one layer did, or all up to it";
    ExploreAdded "explore-added" "show or hide new paths";
    ExploreModified "explore-modified" "show or hide changed paths";
    ExploreRemoved "explore-removed" "show or hide removed paths";
    ExploreSame "explore-same" "show or hide paths of lower layers";
    ExploreSize "explore-size" "order files by size, or by name";
    ExploreOwners "explore-owners" "show permissions and owners";
    ShowServices "show-services" "services";
    ShowGraph "show-graph" "what needs what, drawn";
    ShowDrift "show-drift" "what differs between file and reality";
    StackUp "stack-up" "bring up, as the file says";
    StackDown "stack-down" "take down";
    StackStop "stack-stop" "stop in order";
    StackRestart "stack-restart" "restart in order";
    StackMore "stack-more" "one container more";
    StackFewer "stack-fewer" "one container fewer";
    StackEdit "stack-edit" "edit the file";
    StackWatch "stack-watch" "watch its files, or end that";
    StackRebuild "stack-rebuild" "build images anew";
    ServiceShell "service-shell" "open a shell in the service";
    ServiceOpen "service-open" "go to the service's container";
    EditorSave "editor-save" "write the file";
    EditorUp "editor-up" "write the file and bring the stack up";
    EditorNext "editor-next" "to the next finding";
    Monitor "monitor" "what host and containers use, compared";
    PullImage "pull-image" "look for an image and pull it";
    Hex "hex" "as text, or byte by byte";
    Tasks "tasks" "show long work";
    Undo "undo" "take the last removal back";
    CopyId "copy-id" "copy the id";
    CopyName "copy-name" "copy the name";
    NextTab "next-tab" "next tab";
    PreviousTab "previous-tab" "previous tab";
    ShowLogs "show-logs" "logs";
    ShowInspect "show-inspect" "inspect";
    ShowTop "show-top" "processes";
    ShowStats "show-stats" "graphs";
    ShowInfo "show-info" "information";
    ShowEnv "show-env" "environment";
    ShowMounts "show-mounts" "mounts";
    ShowPorts "show-ports" "ports and addresses";
    ShowHealth "show-health" "health";
    ShowLayers "show-layers" "layers";
    ShowHistory "show-history" "history";
    Follow "follow" "follow the end";
    Wrap "wrap" "wrap long lines";
    Timestamps "timestamps" "times: of day, ago, date, off";
    Window "window" "only a span of time: 5m, 1h, 14:00..15:00";
    Fold "fold" "unfold one JSON line";
    Search "search" "search";
    NextMatch "next-match" "next match";
    PreviousMatch "previous-match" "previous match";
    Level "level" "show only louder lines";
    Unfold "unfold" "unfold JSON lines";
    CopyLine "copy-line" "copy the lines in view";
    Export "export" "write the log to a file";
    LogUp "log-up" "scroll the log up";
    LogDown "log-down" "scroll the log down";
    Pull "pull" "pull an image";
    Import "import" "import an image from a tar archive";
    OpenPort "open-port" "open its port in a browser";
    DemoUp "demo-up" "start the demo";
    DemoDown "demo-down" "remove the demo";
    ShellLeave "shell-leave" "leave; the shell goes on";
    ShellNext "shell-next" "next tab";
    ShellPrevious "shell-previous" "previous tab";
    ShellNew "shell-new" "another shell here";
    ShellBeside "shell-beside" "split: another beside it";
    ShellBelow "shell-below" "split: another below it";
    ShellOther "shell-other" "next part of the split";
    ShellLeft "shell-left" "to the part on the left";
    ShellRight "shell-right" "to the part on the right";
    ShellUp "shell-up" "to the part above";
    ShellDown "shell-down" "to the part below";
    ShellPushLeft "shell-push-left" "move its edge to the left";
    ShellPushRight "shell-push-right" "move its edge to the right";
    ShellPushUp "shell-push-up" "move its edge up";
    ShellPushDown "shell-push-down" "move its edge down";
    ShellZoom "shell-zoom" "this part alone, or all";
    ShellBreak "shell-break" "into a tab of its own";
    ShellClose "shell-close" "end this shell";
    ShellAgain "shell-again" "open it again";
    ShellPrefix "shell-prefix" "send the prefix key itself";
    ShellScroll "shell-scroll" "scroll back, search, copy";
    ShellSearch "shell-search" "search what scrolled away";
    ShellLock "shell-lock" "lock: every key to the shell";
    ShellCopy "shell-copy" "copy what is on the screen";
    Debug "debug" "debug shell: this host's tools inside";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for action in Action::ALL {
            assert_eq!(Action::from_name(action.name()), Some(*action));
        }
    }
}

/* Words of every island: dialogs, refusals, the second factor. */
export default {
  zh: {
    failed: '没有办成（{status}）。请稍后再试，或者把页脚的事件号报给管理员。',
    unreachable: '网络不通，没有送到。填写的内容还在，请再试一次。',
    confirm: '确定',
    cancel: '取消',
    close: '关闭',
    confirm_title: '请确认',
    factor_title: '输入动态口令',
    factor_text: '这一步须第二次确认身份，五分钟内有效。',
    factor_label: '六位口令',
    factor_wrong: '口令不对或已过时，请看手机上最新的一个。',
    phone_word: '改用手机确认',
    phone_title: '手机确认',
    phone_text: '已向您登记的手机发出请求。请在手机上输入这个数字并确认：',
    phone_not: '手机没有确认，请重试或输入动态口令。',
    signed_out: '登录已过期。请在新窗口登录，再回来提交，填写的内容还在。',
    sign_in: '去登录',
    more: '还有 {count} 条'
  },
  en: {
    failed: 'That did not work ({status}). Try again later, or report the event number at the foot of the page.',
    unreachable: 'The network does not answer, nothing was sent. What you typed is still here; please try again.',
    confirm: 'Confirm',
    cancel: 'Cancel',
    close: 'Close',
    confirm_title: 'Please confirm',
    factor_title: 'Enter the one-time code',
    factor_text: 'This act needs a second proof of identity; it holds for five minutes.',
    factor_label: 'Six-digit code',
    factor_wrong: 'The code is wrong or too old; use the newest one.',
    phone_word: 'Confirm by phone',
    phone_title: 'Confirm by phone',
    phone_text: 'Your phone has been asked. Give it this number and confirm:',
    phone_not: 'The phone did not confirm. Try again, or enter the code.',
    signed_out:
      'Your session has ended. Sign in in a new window, then come back and submit; what you typed is still here.',
    sign_in: 'Sign in',
    more: '{count} more'
  }
};
